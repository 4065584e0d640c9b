/* SPDX-License-Identifier: Apache-2.0 */
/* The series of phantom pairs, and the tables of them by tone and by nuisance. */
#include <math.h>
#include <stdlib.h>

#include "acceptance.h"

enum { FADINGS = 5 };
static const double fading[FADINGS] = { 0, 0, 0.1, 0.2, 0.4 }; /* twice as many nulls: row 3, 17 */
const char *const kind_name[KINDS] = { "spots", "pores", "scars" };

/* First numbers of the skins of each series: none is used twice. */
enum {
    FIRST_ALL = 0,
    FIRST_SINGLE = 2000,
    FIRST_POWER = 3000,
    FIRST_SHRUNK = 4000,
    FIRST_ALTERED = 5000
};

static void plan_pair(struct plan *plan, struct series *s, const struct phantom_pair *p,
                      int nuisance)
{
    if (plan->n == MOST_PAIRS) exit(1);
    plan->job[plan->n++] = (struct job){ *p, &s->pair[s->n++], nuisance };
}

/* Spots, pores and scars of one skin fade by different shares. */
static void plan_all(struct plan *plan, struct series *s, enum half half, int rounds)
{
    int number = FIRST_ALL;

    for (int round = 0; round < rounds; round++)
        for (int tone = 0; tone < TONES; tone++)
            for (int f = 0; f < FADINGS; f++, number++) {
                struct phantom_pair p = draw_pair(tone, number, half);

                disturb_all(&p, number);
                p.fade[PHANTOM_SPOT] = fading[f];
                p.fade[PHANTOM_PORE] = fading[(f + 2) % FADINGS];
                p.fade[PHANTOM_SCAR] = fading[(f + 4) % FADINGS];
                plan_pair(plan, s, &p, EVERY);
            }
}

static void plan_single(struct plan *plan, struct series *s, enum half half, int rounds,
                        int tone_step)
{
    for (int round = 0; round < rounds; round++)
        for (int tone = tone_step / 2; tone < TONES; tone += tone_step)
            for (int n = 0; n < NUISANCES; n++) {
                struct phantom_pair p = draw_pair(tone, FIRST_SINGLE + round * TONES + tone, half);

                disturb_one(&p, &nuisances[n]);
                p.same_base = n > 0;
                plan_pair(plan, s, &p, n);
            }
}

static void plan_power(struct plan *plan, struct series *s, enum half half, int rounds)
{
    for (int i = 0; i < rounds * TONES; i++) {
        struct phantom_pair p = draw_pair(i % TONES, FIRST_POWER + i, half);

        disturb_all(&p, FIRST_POWER + i);
        p.least_spot_od = 0.2;
        p.spot_change = -20;
        plan_pair(plan, s, &p, EVERY);
    }
}

static void plan_shrunk(struct plan *plan, struct series *s, enum half half, int rounds)
{
    for (int i = 0; i < rounds * TONES; i++) {
        struct phantom_pair p = draw_pair(i % TONES, FIRST_SHRUNK + i, half);

        disturb_all(&p, FIRST_SHRUNK + i);
        p.shrink = 0.8; /* 36 % of the area: algorithms, section 0, 8 */
        plan_pair(plan, s, &p, EVERY);
    }
}

static void plan_altered(struct plan *plan, struct series *s, enum half half, int rounds)
{
    for (enum alteration how = SMOOTHED; how < ALTERATIONS; how++)
        for (int i = 0; i < rounds * TONES; i++) {
            struct phantom_pair p = draw_pair(i % TONES, FIRST_ALTERED + i, half);

            p.alteration = how;
            plan_pair(plan, &s[how], &p, EVERY);
        }
}

/* The pairs that share a baseline come first: each such group is a chunk. */
void plan_campaign(struct campaign *c, const struct scope *scope, struct plan *plan)
{
    const bool quick = scope->quick;

    plan_single(plan, &c->single, scope->half, quick ? 1 : 2, quick ? 2 : 1);
    plan_all(plan, &c->all, scope->half, quick ? 2 : 9);
    plan_power(plan, &c->power, scope->half, quick ? 1 : 4);
    plan_shrunk(plan, &c->shrunk, scope->half, 2);
    plan_altered(plan, c->altered, scope->half, quick ? 1 : 2);
}

enum { CHUNK = NUISANCES };

int plan_chunks(const struct plan *plan)
{
    return (plan->n + CHUNK - 1) / CHUNK;
}

void run_chunk(const struct plan *plan, int chunk)
{
    struct lab lab;

    lab_open(&lab);
    for (int i = chunk * CHUNK; i < (chunk + 1) * CHUNK && i < plan->n; i++) {
        const struct job *const job = &plan->job[i];

        *job->result = run_phantom_pair(&lab, &job->pair);
        job->result->nuisance = job->nuisance;
        fprintf(stderr, ".");
    }
    lab_close(&lab);
}

/* ---- choosing */

static bool picked(const struct pair_result *r, const struct pick *p)
{
    return r->tone >= p->tone_from && r->tone <= p->tone_to && r->ita_deg > p->ita_above &&
           (p->fade < 0 || fabs(r->fade[p->kind] - p->fade) < 1e-9) &&
           (p->nuisance == EVERY || r->nuisance == p->nuisance);
}

int collect(const struct series *s, const struct pick *p, double error[MOST_PAIRS], int *asked)
{
    int n = 0;

    *asked = 0;
    for (int i = 0; i < s->n; i++) {
        const struct reading *const r = &s->pair[i].of[p->kind];
        if (!picked(&s->pair[i], p)) continue;
        (*asked)++;
        if (r->judged) error[n++] = r->percent - r->truth;
    }
    return n;
}

int undisturbed(const struct series *s, int i)
{
    while (s->pair[i].nuisance != 0)
        i--;
    return i;
}

void collect_skins(const struct series *s, const struct pick *p, int skin[MOST_PAIRS])
{
    int n = 0;

    for (int i = 0; i < s->n; i++)
        if (picked(&s->pair[i], p) && s->pair[i].of[p->kind].judged) skin[n++] = undisturbed(s, i);
}

int collect_at_features(const struct series *s, const struct pick *p, double error[MOST_PAIRS])
{
    int n = 0;

    for (int i = 0; i < s->n; i++) {
        const struct reading *const r = &s->pair[i].of[p->kind];
        if (picked(&s->pair[i], p) && r->judged && r->at_features)
            error[n++] = r->features_percent - r->truth;
    }
    return n;
}

/* error[i] is that of pair which[i]. */
static int best_circumstance(const struct series *s, const int *which, const double *error, int n,
                             double *strongest)
{
    double strength[MOST_PAIRS];
    int best = 0;

    *strongest = 0;
    for (int k = 0; k < CIRCUMSTANCES && n > 2; k++) {
        double r;

        for (int i = 0; i < n; i++)
            strength[i] = s->pair[which[i]].circumstance[k];
        r = correlation(error, strength, n);
        if (fabs(r) <= fabs(*strongest)) continue;
        *strongest = r;
        best = k;
    }
    return best;
}

int strongest_circumstance(const struct series *s, const struct pick *p, double *strongest)
{
    double error[MOST_PAIRS];
    int which[MOST_PAIRS], n = 0;

    for (int i = 0; i < s->n; i++) {
        const struct reading *const v = &s->pair[i].of[p->kind];
        if (!picked(&s->pair[i], p) || !v->judged) continue;
        error[n] = v->percent - v->truth;
        which[n++] = i;
    }
    return best_circumstance(s, which, error, n, strongest);
}

int strongest_on_registration(const struct series *s, double *strongest)
{
    double error[MOST_PAIRS];
    int which[MOST_PAIRS], n = 0;

    for (int i = 0; i < s->n; i++) {
        if (!s->pair[i].registered) continue;
        error[n] = s->pair[i].tre_median_mm;
        which[n++] = i;
    }
    return best_circumstance(s, which, error, n, strongest);
}

void count_covered(const struct series *s, const struct pick *p, struct shares *covered)
{
    for (int i = 0; i < s->n; i++) {
        const struct reading *const r = &s->pair[i].of[p->kind];

        if (picked(&s->pair[i], p) && r->judged)
            shares_add(covered, i, r->lo <= r->truth && r->truth <= r->hi, 1);
    }
}

double relative_width(const struct series *s, const struct pick *p)
{
    double error[MOST_PAIRS], half = 0;
    int asked;
    const int n = collect(s, p, error, &asked);

    for (int i = 0; i < s->n; i++) {
        const struct reading *const r = &s->pair[i].of[p->kind];
        if (picked(&s->pair[i], p) && r->judged) half += 0.5 * (r->hi - r->lo);
    }
    return n > 0 ? half / n / estimate_rms(error, NULL, n).value : 0;
}

/* ---- tables */

static void print_kind(const struct series *s, int tone, enum phantom_kind kind)
{
    struct pick p = { kind, tone, tone, any_ita, EVERY, EVERY };
    double error[MOST_PAIRS];
    int asked, n = collect(s, &p, error, &asked);
    struct shares covered = { .n = 0 };

    count_covered(s, &p, &covered);
    printf("| %s | %s | %d of %d |", tone_name[tone], kind_name[kind], n, asked);
    if (n < 2) {
        printf(" | | | | |\n");
        return;
    }
    printf(" %+.1f | %.1f |", estimate_mean(error, n).value, estimate_rms(error, NULL, n).value);
    p.fade = 0.4;
    n = collect(s, &p, error, &asked);
    if (n > 0)
        printf(" %+.1f |", estimate_mean(error, n).value);
    else
        printf(" |");
    p.fade = 0;
    n = collect(s, &p, error, &asked);
    if (n > 1)
        printf(" %.1f |", estimate_sd(error, NULL, n).value);
    else
        printf(" |");
    printf(" %.2f |\n", estimate_share(&covered).value);
}

void print_groups(const struct campaign *c)
{
    printf("\nBy tone, phantoms with all nuisances, in points:\n\n"
           "| tone | | judged | bias | RMSE | bias at 40 %% | null SD | coverage |\n"
           "|---|---|---|---|---|---|---|---|\n");
    for (int kind = 0; kind < KINDS; kind++)
        for (int tone = 0; tone < TONES; tone++)
            print_kind(&c->all, tone, (enum phantom_kind)kind);
}

/* Of all objects found in the baselines, and of all spots that are there. */
void print_detection(const struct campaign *c)
{
    printf("\nSpots, phantoms with all nuisances:\n\n"
           "| tone | precision | recall |\n|---|---|---|\n");
    for (int tone = 0; tone < TONES; tone++) {
        int spots = 0, found = 0, objects = 0, right = 0;

        for (int i = 0; i < c->all.n; i++) {
            const struct pair_result *const r = &c->all.pair[i];
            if (r->tone != tone) continue;
            spots += r->spots;
            found += r->spots_found;
            objects += r->objects;
            right += r->objects_right;
        }
        printf("| %s | %.2f of %d | %.2f of %d |\n", tone_name[tone],
               objects ? (double)right / objects : 0, objects, spots ? (double)found / spots : 0,
               spots);
    }
}

void print_nuisances(const struct campaign *c)
{
    printf("\nOne nuisance at a time, nothing fades: RMS of the change read, in points (pairs "
           "judged):\n\n| | spots | pores | scars |\n|---|---|---|---|\n");
    for (int n = 0; n < NUISANCES; n++) {
        printf("| %s |", nuisances[n].name);
        for (int kind = 0; kind < KINDS; kind++) {
            const struct pick p = { (enum phantom_kind)kind, 0, TONES - 1, any_ita, EVERY, n };
            double error[MOST_PAIRS];
            int asked, m = collect(&c->single, &p, error, &asked);

            if (m > 0)
                printf(" %.1f (%d) |", estimate_rms(error, NULL, m).value, m);
            else
                printf(" (0) |");
        }
        printf("\n");
    }
}
