/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/similarity.h"

bool derm_similarity_fit(struct derm_similarity *m, const struct derm_pairing *pair, int n)
{
    struct derm_point from = { 0 }, to = { 0 };
    double total = 0.0, spread = 0.0, dot = 0.0, cross = 0.0;

    for (int i = 0; i < n; i++) {
        from.x += pair[i].weight * pair[i].from.x;
        from.y += pair[i].weight * pair[i].from.y;
        to.x += pair[i].weight * pair[i].to.x;
        to.y += pair[i].weight * pair[i].to.y;
        total += pair[i].weight;
    }
    if (!(total > 0.0)) return false;
    from.x /= total;
    from.y /= total;
    to.x /= total;
    to.y /= total;
    for (int i = 0; i < n; i++) {
        const double ux = pair[i].from.x - from.x, uy = pair[i].from.y - from.y;
        const double vx = pair[i].to.x - to.x, vy = pair[i].to.y - to.y;
        spread += pair[i].weight * (ux * ux + uy * uy);
        dot += pair[i].weight * (ux * vx + uy * vy);
        cross += pair[i].weight * (ux * vy - uy * vx);
    }
    if (!(spread > 1e-6 * total)) return false;
    m->a = dot / spread;
    m->b = cross / spread;
    m->tx = to.x - (m->a * from.x - m->b * from.y);
    m->ty = to.y - (m->b * from.x + m->a * from.y);
    return derm_similarity_scale(m) > 1e-3;
}
