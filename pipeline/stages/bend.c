/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/bend.h"

#include <string.h>

enum { ROUNDS = 6, TERMS = DERM_BEND_TERMS };

static void basis(double out[TERMS], const struct derm_bend *b, struct derm_point p)
{
    const double u = (p.x - b->x0) / b->size, v = (p.y - b->y0) / b->size;
    const double all[TERMS] = { 1.0, u, v, u * u, u * v, v * v };
    memcpy(out, all, sizeof(all));
}

struct derm_point derm_bend_apply(const struct derm_bend *b, struct derm_point p)
{
    double t[TERMS];
    struct derm_point at = { 0.0, 0.0 };

    basis(t, b, p);
    for (int i = 0; i < b->terms; i++) {
        at.x += b->x[i] * t[i];
        at.y += b->y[i] * t[i];
    }
    return at;
}

/* Normal equations with two right-hand sides. */
struct system {
    double m[TERMS][TERMS + 2];
    int n;
};

/* Gauss-Jordan; the matrix is positive definite, so the diagonal serves as pivot. */
static bool eliminate(struct system *s)
{
    for (int i = 0; i < s->n; i++) {
        const double pivot = s->m[i][i];
        if (!(pivot > 1e-7)) return false;
        for (int j = 0; j < s->n; j++) {
            const double f = j == i ? 0.0 : s->m[j][i] / pivot;
            for (int k = i; k < s->n + 2 && f != 0.0; k++)
                s->m[j][k] -= f * s->m[i][k];
        }
    }
    return true;
}

static void add(struct system *s, const double t[TERMS], const struct derm_pairing *p,
                double weight)
{
    for (int i = 0; i < s->n; i++) {
        for (int j = 0; j < s->n; j++)
            s->m[i][j] += weight * t[i] * t[j];
        s->m[i][s->n] += weight * t[i] * p->to.x;
        s->m[i][s->n + 1] += weight * t[i] * p->to.y;
    }
}

/* Coordinates about the middle of the places, in units of their spread. */
static void normalise(struct derm_bend *b, const struct derm_pairing *pair, int n)
{
    double spread = 0.0;

    b->x0 = b->y0 = 0.0;
    for (int i = 0; i < n; i++) {
        b->x0 += pair[i].from.x / n;
        b->y0 += pair[i].from.y / n;
    }
    for (int i = 0; i < n; i++) {
        const double dx = pair[i].from.x - b->x0, dy = pair[i].from.y - b->y0;
        spread += (dx * dx + dy * dy) / n;
    }
    b->size = fmax(sqrt(spread), 1.0);
}

bool derm_bend_fit(struct derm_bend *b, int terms, const struct derm_pairing *pair, int n,
                   double slack_px)
{
    struct derm_bend fit = { .terms = terms };

    if (n < 2 * terms) return false;
    normalise(&fit, pair, n);
    for (int round = 0; round < ROUNDS; round++) {
        struct system s = { .n = terms };
        for (int i = 0; i < n; i++) {
            double t[TERMS], weight = pair[i].weight / n;
            basis(t, &fit, pair[i].from);
            if (round) {
                const struct derm_point at = derm_bend_apply(&fit, pair[i].from);
                const double dx = (at.x - pair[i].to.x) / slack_px;
                const double dy = (at.y - pair[i].to.y) / slack_px;
                weight /= 1.0 + dx * dx + dy * dy;
            }
            add(&s, t, &pair[i], weight);
        }
        if (!eliminate(&s)) return false;
        for (int i = 0; i < terms; i++) {
            fit.x[i] = s.m[i][terms] / s.m[i][i];
            fit.y[i] = s.m[i][terms + 1] / s.m[i][i];
        }
    }
    *b = fit;
    return true;
}
