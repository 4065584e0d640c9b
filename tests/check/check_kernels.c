/* SPDX-License-Identifier: Apache-2.0 */
/* Every row kernel, every instruction set against plain C, bit for bit, over the legal range of
 * inputs and all short widths, with canaries around the rows that are written.
 *
 *   check_kernels [seed] [--filter name] */
#include "check.h"
#include "kernel_calls.h"

struct buffers { /* row y starts at at(y): aligned, REACH samples on both sides */
    _Alignas(64) float in[MAX_ROWS][ROW];
    _Alignas(64) float want[ROW], got[ROW];
};

static const uint32_t canary_bits = 0x7fedcba9u; /* a NaN that no kernel makes */

static void fill_canary(float *x)
{
    for (int i = 0; i < ROW; i++)
        memcpy(&x[i], &canary_bits, sizeof(canary_bits));
}

static bool canaries_live(const float *x, size_t n, const char *whose)
{
    const size_t end = REACH + (n + ROUND - 1) / ROUND * ROUND;

    for (size_t i = 0; i < ROW; i++) {
        if (i == REACH) i = end;
        if (memcmp(&x[i], &canary_bits, sizeof(canary_bits)) == 0) continue;
        printf("  %s wrote at %ld of a row of %zu\n", whose, (long)i - REACH, n);
        return false;
    }
    return true;
}

static const struct {
    const char *name;
    void (*call)(const struct derm_kernels *k, float *out, const struct input *in);
} calls[] = {
    { "density", call_density },
    { "light", call_light },
    { "mix3", call_mix3 },
    { "half", call_half },
    { "half_masked", call_half_masked },
    { "blur_v", call_blur_v },
    { "blur_h", call_blur_h },
    { "diff_v", call_diff_v },
    { "diff_h", call_diff_h },
    { "axpy", call_axpy },
    { "nn_dense", call_nn_dense },
    { "nn_depth", call_nn_depth },
    { "stencil", call_stencil },
    { "exceeds", call_exceeds },
    { "window", call_window },
    { "weigh", call_weigh },
    { "cubic", call_cubic },
    { "bilinear", call_bilinear },
    { "bilinear_mix", call_bilinear_mix },
    { "is_measured", call_is_measured },
    { "middle_halves", call_middle_halves },
    { "correlate", call_correlate },
    { "distances2", call_distances2 },
    { "peaks", call_peaks },
    { "vote", call_vote },
    { "lines", call_lines },
    { "depths", call_depths },
    { "across", call_across },
    { "along", call_along },
    { "crests", call_crests },
    { "weave", call_weave },
    { "bends", call_bends },
    { "between_nodes", call_between_nodes },
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };
_Static_assert(sizeof(struct derm_kernels) == CALLS * sizeof(void (*)(void)),
               "every kernel in the table needs a check");

static void fill_input(struct input *in, struct buffers *b, struct rng *r)
{
    for (int y = 0; y < MAX_ROWS; y++) {
        const bool calm = rng_bits(r) & 1;
        for (int i = 0; i < ROW; i++)
            b->in[y][i] = calm ? rng_unit(r) : rng_wild(r, TOP);
        in->row[y] = b->in[y] + REACH;
    }
    for (int j = 0; j <= MAX_RADIUS; j++)
        in->t[j] = rng_wild(r, 0);
}

static bool same(const struct derm_kernels *c, const struct derm_kernels *v, int which,
                 const struct input *in, struct buffers *b)
{
    fill_canary(b->want);
    fill_canary(b->got);
    calls[which].call(c, b->want + REACH, in);
    calls[which].call(v, b->got + REACH, in);
    if (!canaries_live(b->want, in->n, "plain C")) return false;
    if (!canaries_live(b->got, in->n, "the variant")) return false;
    for (size_t i = REACH; i < REACH + in->n; i++) {
        if (memcmp(&b->want[i], &b->got[i], sizeof(float)) == 0) continue;
        printf("  at %zu of %zu, radius %d: %a, plain C %a\n", i - REACH, in->n, in->radius,
               (double)b->got[i], (double)b->want[i]);
        return false;
    }
    return true;
}

static void check_one(struct check *c, int which, const char *isa, const struct derm_kernels *plain,
                      const struct derm_kernels *variant)
{
    static const size_t large[] = { 127, 128, 129, 1000, 1023, 2048, LONGEST };
    const size_t short_widths = 67, widths = short_widths + sizeof(large) / sizeof(large[0]);
    static struct buffers b;
    struct input in = { .n = 0 };
    bool ok = true;

    for (size_t i = 0; ok && i < widths; i++) {
        in.n = i < short_widths ? i + 1 : large[i - short_widths];
        fill_input(&in, &b, &c->rng);
        for (int j = 0; ok && j < 6; j++) {
            in.radius = j < 4 ? j : rng_int(&c->rng, 0, MAX_RADIUS);
            ok = same(plain, variant, which, &in, &b);
        }
    }
    c->done++;
    c->failed += !ok;
    printf("%-8s %-7s %s\n", calls[which].name, isa, ok ? "ok" : "FAILED");
}

int main(int argc, char **argv)
{
    struct derm_kernels plain, variant;
    const char *names[4] = { "plain C alone" };
    unsigned flags[4] = { 0 };
    struct check c;
    int variants;

    if (!check_options(&c, argc, argv)) return 64;
    variants = check_variants(names, flags);
    if (variants == 0) printf("no variant: only the canaries of plain C are checked\n");
    derm_kernels_init(&plain, 0);
    for (int v = 0; v < (variants ? variants : 1); v++) {
        derm_kernels_init(&variant, flags[v]);
        for (int i = 0; i < CALLS; i++)
            if (check_wants(&c, calls[i].name)) check_one(&c, i, names[v], &plain, &variant);
    }
    return check_verdict(&c);
}
