/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/bend.h"

#include <string.h>

#include "base/num.h"

enum { ROUNDS = 6, TERMS = DERM_BEND_TERMS };

static void basis(double out[TERMS], const struct derm_bend *b, struct derm_point p)
{
    const double u = (p.x - b->x0) / b->size, v = (p.y - b->y0) / b->size;
    const double all[TERMS] = { 1.0, u, v, u * u, u * v, v * v };
    memcpy(out, all, sizeof(all));
}

static struct derm_point apply(const struct derm_bend *b, const double t[TERMS])
{
    struct derm_point at = { 0.0, 0.0 };

    for (int i = 0; i < b->terms; i++) {
        at.x += b->x[i] * t[i];
        at.y += b->y[i] * t[i];
    }
    return at;
}

struct derm_point derm_bend_apply(const struct derm_bend *b, struct derm_point p)
{
    double t[TERMS];

    basis(t, b, p);
    return apply(b, t);
}

enum { SIDES = 2 };

/* Normal equations, of the first n terms, with two right-hand sides behind those of all terms. */
struct system {
    double m[TERMS][TERMS + SIDES];
    int n;
};

/* Row j less f times row i, from the diagonal of row i on. */
static void take_off(struct system *s, int j, int i, double f)
{
    for (int k = i; k < s->n; k++)
        s->m[j][k] -= f * s->m[i][k];
    for (int k = TERMS; k < TERMS + SIDES; k++)
        s->m[j][k] -= f * s->m[i][k];
}

/* Gauss-Jordan; the matrix is positive definite, so the diagonal serves as pivot. */
static bool eliminate(struct system *s)
{
    for (int i = 0; i < s->n; i++) {
        const double pivot = s->m[i][i];
        if (!(pivot > 1e-7)) return false;
        for (int j = 0; j < s->n; j++) {
            const double f = j == i ? 0.0 : s->m[j][i] / pivot;
            if (f != 0.0) take_off(s, j, i, f);
        }
    }
    return true;
}

enum { BLOCK = 64 }; /* places that are worked on together: a compiler makes vectors of them */

struct block {
    double t[TERMS][BLOCK], to[SIDES][BLOCK], weight[BLOCK];
    int n;
};

/* weights: what they are divided by. */
static void take_places(struct block *k, const struct derm_bend *b, const struct derm_pairing *pair,
                        int weights)
{
    double *const u = k->t[1], *const v = k->t[2];

    for (int i = 0; i < k->n; i++) {
        k->t[0][i] = 1.0;
        u[i] = (pair[i].from.x - b->x0) / b->size;
        v[i] = (pair[i].from.y - b->y0) / b->size;
        k->to[0][i] = pair[i].to.x;
        k->to[1][i] = pair[i].to.y;
        k->weight[i] = pair[i].weight / weights;
    }
    for (int i = 0; i < k->n; i++) {
        k->t[3][i] = u[i] * u[i];
        k->t[4][i] = u[i] * v[i];
        k->t[5][i] = v[i] * v[i];
    }
}

/* What lies far from the bend so far weighs less. */
static void weigh_by_distance(struct block *k, const struct derm_bend *b, double slack_px)
{
    double x[BLOCK] = { 0 }, y[BLOCK] = { 0 };

    for (int j = 0; j < b->terms; j++)
        for (int i = 0; i < k->n; i++) {
            x[i] += b->x[j] * k->t[j][i];
            y[i] += b->y[j] * k->t[j][i];
        }
    for (int i = 0; i < k->n; i++) {
        const double dx = (x[i] - k->to[0][i]) / slack_px;
        const double dy = (y[i] - k->to[1][i]) / slack_px;

        k->weight[i] /= 1.0 + dx * dx + dy * dy;
    }
}

/* Of all terms, wanted or not: loops of a known length are made vectors of. */
static void add(struct system *s, const struct block *block)
{
    for (int i = 0; i < block->n; i++) {
        double row[TERMS + SIDES];

        for (int k = 0; k < TERMS; k++)
            row[k] = block->t[k][i];
        for (int k = 0; k < SIDES; k++)
            row[TERMS + k] = block->to[k][i];
        for (int j = 0; j < TERMS; j++) {
            const double w = block->weight[i] * row[j];
            for (int k = 0; k < TERMS + SIDES; k++)
                s->m[j][k] += w * row[k];
        }
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
        for (int i = 0; i < n; i += BLOCK) {
            struct block block = { .n = imin(BLOCK, n - i) };

            take_places(&block, &fit, pair + i, n);
            if (round) weigh_by_distance(&block, &fit, slack_px);
            add(&s, &block);
        }
        if (!eliminate(&s)) return false;
        for (int i = 0; i < terms; i++) {
            fit.x[i] = s.m[i][TERMS] / s.m[i][i];
            fit.y[i] = s.m[i][TERMS + 1] / s.m[i][i];
        }
    }
    *b = fit;
    return true;
}
