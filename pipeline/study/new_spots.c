/* SPDX-License-Identifier: Apache-2.0 */
#include "study/new_spots.h"

#include <math.h>

#include "stages/identity.h"

static bool is_spot(const struct derm_object *o)
{
    return !o->field && o->area_px > 0 && derm_in_regions(o);
}

/* The baseline does not show it, and it is pigment for sure. */
static bool may_be_new(const struct derm_object *o, const struct derm_series_rules *rules)
{
    return is_spot(o) && o->found_in == 1u << 1 &&
           (o->identity == DERM_IS_pigment || o->identity == DERM_IS_mole) &&
           o->probability >= (double)rules->new_spot_sure;
}

/* That an unchanged spot gains as much. */
static double chance_of(const struct derm_objects *spots, const struct derm_object *o,
                        const struct derm_series_rules *rules)
{
    const double sd = o->change_sd > 0 ? o->change_sd : spots->blank_sd;
    const double gain = (o->follow_value - o->base_value) / o->area_px;

    return 0.5 * erfc((gain - (double)rules->new_spot_od) / (sd * sqrt(2)));
}

static int count_below(const struct derm_objects *spots, double chance,
                       const struct derm_series_rules *rules)
{
    int n = 0;

    for (int i = 0; i < spots->n; i++)
        n += may_be_new(&spots->item[i], rules) &&
             chance_of(spots, &spots->item[i], rules) <= chance;
    return n;
}

struct derm_new_spots derm_new_spots_of(const struct derm_objects *spots,
                                        const struct derm_series_rules *rules)
{
    struct derm_new_spots n = { .known = spots->blank_sd > 0 };
    int last = -1;

    for (int i = 0; i < spots->n; i++)
        n.spots += is_spot(&spots->item[i]);
    if (!n.known) return n;
    /* Benjamini-Hochberg, from above, which needs no order: as many as are rare enough for them */
    for (n.fresh = n.spots; n.fresh != last;) {
        last = n.fresh;
        n.fresh = count_below(spots, last * (double)rules->most_chance / n.spots, rules);
    }
    return n;
}
