/* SPDX-License-Identifier: Apache-2.0 */
/* The attention part of the landmark network (Grishchenko et al. 2020, "Attention Mesh"): three
 * heads, for the lips and the two eyes, look again at the feature map through a rotated window laid
 * over their first landmarks, and their points are mapped back. Left and right are the image's.
 *
 * The operations carry their parameters in the file; they equal the constants here (the files are
 * pinned). Rotations are kept as cosine and sine, so no library function is needed. */
#include <math.h>

#include "nn/attention.h"
#include "nn/tflite_graph.h"

enum { WINDOW = 16 /* samples of a head's window along each side */ };
static const float window_scale = 1.5f; /* of the landmarks' bounding box */

static const uint16_t lips[DERM_LIPS_POINTS] = {
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0,  267, 269, 270, 409,
    78, 95,  88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
    76, 77,  90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408,
    62, 96,  89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407
};
static const uint16_t left_eye[DERM_EYE_POINTS] = {
    33,  7,   163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173, 130, 25,
    110, 24,  23,  22,  26,  112, 243, 247, 30,  29,  27,  28,  56,  190, 226, 31,  228, 229,
    230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189, 35,  124, 46,  53,  52,  65,
    143, 111, 117, 118, 119, 120, 121, 128, 245, 156, 70,  63,  105, 66,  107, 55,  193
};
static const uint16_t right_eye[DERM_EYE_POINTS] = {
    263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398, 359, 255,
    339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414, 446, 261, 448, 449,
    450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413, 265, 353, 276, 283, 282, 295,
    372, 340, 346, 347, 348, 349, 350, 357, 465, 383, 300, 293, 334, 296, 336, 285, 417
};

const struct derm_attention_head derm_attention_head[DERM_ATTENTION_HEADS] = {
    { lips, DERM_LIPS_POINTS, 61, 291 },
    { left_eye, DERM_EYE_POINTS, 33, 133 },
    { right_eye, DERM_EYE_POINTS, 362, 263 },
};

/* Window to feature map, both in samples, 4 x 4 by rows: turned to the line from `from` to `to`,
 * laid around the head's landmarks. */
void net_rows_head_matrix(const struct net_task *t, int y0, int y1)
{
    const struct derm_attention_head *const head = &derm_attention_head[t->op->head];
    const float *const at = net_in(t, 0), *const a = at + 3 * head->from,
                       *const b = at + 3 * head->to;
    const float dx = b[0] - a[0], dy = b[1] - a[1], length = sqrtf(dx * dx + dy * dy);
    const float c = dx / length, s = dy / length;
    float lo[2] = { INFINITY, INFINITY }, hi[2] = { -INFINITY, -INFINITY }, mid[2], step[2];
    float *const m = net_out(t);

    for (int i = 0; i < head->count * (y1 - y0); i++) {
        const float *const p = at + 3 * head->point[i];
        const float turned[2] = { c * p[0] + s * p[1], c * p[1] - s * p[0] };

        for (int k = 0; k < 2; k++) {
            lo[k] = turned[k] < lo[k] ? turned[k] : lo[k];
            hi[k] = turned[k] > hi[k] ? turned[k] : hi[k];
        }
    }
    for (int k = 0; k < 2; k++) {
        mid[k] = 0.5f * (lo[k] + hi[k]);
        step[k] = window_scale * (hi[k] - lo[k]) / (float)WINDOW;
    }
    for (int i = 0; i < 16; i++)
        m[i] = i % 5 == 0 ? 1.0f : 0.0f;
    m[0] = c * step[0];
    m[1] = -s * step[1];
    m[3] = c * mid[0] - s * mid[1] - 0.5f * (float)WINDOW * (m[0] + m[1]);
    m[4] = s * step[0];
    m[5] = c * step[1];
    m[7] = s * mid[0] + c * mid[1] - 0.5f * (float)WINDOW * (m[4] + m[5]);
}

/* Bilinear samples of the feature map; 0 outside its outermost sample centres. */
void net_rows_head_sample(const struct net_task *t, int y0, int y1)
{
    const int *const in = net_dim_in(t, 0), *const out = net_dim_out(t);
    const float *const m = net_in(t, 1);
    const float x_start = m[3] + 0.5f * (m[0] + m[1]) - 0.5f;
    const float y_start = m[7] + 0.5f * (m[4] + m[5]) - 0.5f;
    const size_t channels = (size_t)in[C], row = (size_t)in[W] * channels;

    for (int y = y0; y < y1; y++)
        for (int x = 0; x < out[W]; x++) {
            const float sx = m[0] * (float)x + m[1] * (float)y + x_start;
            const float sy = m[4] * (float)x + m[5] * (float)y + y_start;
            /* written so that NaN is outside */
            const bool inside =
                sx >= 0.0f && sy >= 0.0f && sx <= (float)(in[W] - 1) && sy <= (float)(in[H] - 1);
            const int left = inside ? (int)sx : 0, top = inside ? (int)sy : 0;
            const float fx = sx - (float)left, fy = sy - (float)top;
            const float *const a = net_in(t, 0) + (size_t)top * row + (size_t)left * channels;
            const size_t right = left + 1 < in[W] ? channels : 0;
            const float *const b = a + (top + 1 < in[H] ? row : 0);
            float *const to = net_out(t) + ((size_t)y * (size_t)out[W] + (size_t)x) * channels;

            for (size_t k = 0; k < channels; k++)
                to[k] = !inside ? 0.0f
                                : (a[k] * (1.0f - fx) + a[right + k] * fx) * (1.0f - fy) +
                                      (b[k] * (1.0f - fx) + b[right + k] * fx) * fy;
        }
}

/* Points of a head, through its matrix. One row: everything. */
void net_rows_head_points(const struct net_task *t, int y0, int y1)
{
    const size_t n = t->net->tensor[t->op->out].count / 2 * (size_t)(y1 - y0);
    const float *const m = net_in(t, 1);

    for (size_t i = 0; i < n; i++) {
        const float *const p = net_in(t, 0) + 2 * i;
        float *const to = net_out(t) + 2 * i;

        to[0] = m[0] * p[0] + m[1] * p[1] + m[3];
        to[1] = m[4] * p[0] + m[5] * p[1] + m[7];
    }
}
