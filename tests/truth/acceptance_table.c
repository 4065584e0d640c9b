/* SPDX-License-Identifier: Apache-2.0 */
/* Rows, their printing, and the recorded table that they are held against. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "acceptance.h"

struct figure *table_row(struct table *t, const char *row, const char *what, enum goal goal,
                         double target, double target_hi)
{
    struct figure *const f = &t->figure[t->n++];

    if (t->n == MOST_FIGURES) exit(1);
    *f = (struct figure){
        .row = row, .what = what, .goal = goal, .target = target, .target_hi = target_hi
    };
    return f;
}

void figure_set(struct figure *f, struct estimate is)
{
    f->is = is;
    f->measured = is.n > 0;
}

void figure_limit(struct figure *f, const char *format, ...)
{
    char more[sizeof(f->limited_by)];
    const size_t used = strlen(f->limited_by);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(more, sizeof(more), format, arguments);
    va_end(arguments);
    snprintf(f->limited_by + used, sizeof(f->limited_by) - used, "%s%s", used ? "; " : "", more);
}

void figure_limit_sample(struct figure *f, const char *things)
{
    if (f->is.n > 0)
        figure_limit(f, "the sample: %d %s, one of them is %.3g %%", f->is.n, things,
                     100.0 / f->is.n);
}

/* How far a figure is on the wrong side of perfect; larger is worse. What is only reported is an
 * error. */
static double badness(const struct figure *f, double value)
{
    switch (f->goal) {
    case AT_MOST:
    case REPORTED:
        return fabs(value);
    case AT_LEAST:
        return -value;
    case WITHIN:
        return fmax(0, fmax(f->target - value, value - f->target_hi));
    }
    return HUGE_VAL;
}

/* By how much a figure misses its target; not above 0: it does not. */
static double miss(const struct figure *f)
{
    return badness(f, f->is.value) - (f->goal == WITHIN ? 0 : badness(f, f->target));
}

bool figure_met(const struct figure *f)
{
    return f->measured && (f->otherwise_met || f->goal == REPORTED || miss(f) <= 0);
}

void table_append(struct table *t, const struct table *more)
{
    for (int i = 0; i < more->n; i++) {
        const struct figure *const f = &more->figure[i];

        *table_row(t, f->row, f->what, f->goal, f->target, f->target_hi) = *f;
    }
}

static const char *status(const struct figure *f)
{
    if (!figure_met(f)) return "red";
    return f->goal == REPORTED ? "reported" : "met";
}

/* A red row says why; where nothing is known, how sure it is to be red. */
static void reason_text(const struct figure *f, char text[sizeof(f->limited_by)])
{
    snprintf(text, sizeof(f->limited_by), "%s", f->limited_by);
    if (text[0] || figure_met(f)) return;
    if (f->measured)
        snprintf(text, sizeof(f->limited_by), "misses by %.2g, and its error is %.2g", miss(f),
                 f->is.error);
    else
        snprintf(text, sizeof(f->limited_by), "not measured");
}

enum { TARGET_TEXT = 64 };

static void target_text(const struct figure *f, char text[TARGET_TEXT])
{
    if (f->goal == REPORTED)
        snprintf(text, TARGET_TEXT, "none");
    else if (f->goal == WITHIN)
        snprintf(text, TARGET_TEXT, "%g to %g", f->target, f->target_hi);
    else
        snprintf(text, TARGET_TEXT, "%s %g%s%s", f->goal == AT_MOST ? "<=" : ">=", f->target,
                 f->otherwise ? " or " : "", f->otherwise ? f->otherwise : "");
}

enum { VALUE_TEXT = 48 };

static void value_text(const struct figure *f, char text[VALUE_TEXT])
{
    snprintf(text, VALUE_TEXT, "not measured");
    if (f->measured) snprintf(text, VALUE_TEXT, "%.3g +- %.2g", f->is.value, f->is.error);
}

static void print_row(const struct figure *f, FILE *out)
{
    char target[TARGET_TEXT], value[VALUE_TEXT], reason[sizeof(f->limited_by)], recorded[24] = "";

    target_text(f, target);
    value_text(f, value);
    reason_text(f, reason);
    if (f->recorded) snprintf(recorded, sizeof(recorded), "%.3g", f->was);
    fprintf(out, "| %s | %s | %s | %s | %s | %d | %d | %s | %s |\n", f->row, f->what, target,
            recorded, value, f->is.n, f->is.units, status(f), reason);
}

static void print_reason(const struct figure *f, FILE *out)
{
    char target[TARGET_TEXT], value[VALUE_TEXT], reason[sizeof(f->limited_by)];

    target_text(f, target);
    value_text(f, value);
    reason_text(f, reason);
    fprintf(out, "  %s %s: %s, target %s: %s\n", f->row, f->what, value, target, reason);
}

static void print_those(const struct table *t, const char *which, FILE *out)
{
    fprintf(out, "\n%s rows:\n", which);
    for (int i = 0; i < t->n; i++)
        if (strcmp(status(&t->figure[i]), which) == 0) print_reason(&t->figure[i], out);
}

void table_print(const struct table *t, FILE *out)
{
    fprintf(out, "\n| row | what | target | recorded | figure | n | units | status | limited by |\n"
                 "|---|---|---|---|---|---|---|---|---|\n");
    for (int i = 0; i < t->n; i++)
        print_row(&t->figure[i], out);
    print_those(t, "red", out);
    print_those(t, "reported", out);
}

static const char heading[] = "row,what,target,figure,sampling_error,n,units,status,limited_by";

void table_bless(const struct table *t, const char *path)
{
    FILE *const out = fopen(path, "w");

    if (!out) {
        fprintf(stderr, "cannot write %s\n", path);
        exit(1);
    }
    fprintf(out, "%s\n", heading);
    for (int i = 0; i < t->n; i++) {
        const struct figure *const f = &t->figure[i];
        char target[TARGET_TEXT], value[64] = ",", reason[sizeof(f->limited_by)];

        target_text(f, target);
        reason_text(f, reason);
        if (f->measured) snprintf(value, sizeof(value), "%.4g,%.3g", f->is.value, f->is.error);
        fprintf(out, "%s,\"%s\",%s,%s,%d,%d,%s,\"%s\"\n", f->row, f->what, target, value, f->is.n,
                f->is.units, status(f), reason);
    }
    if (fclose(out)) exit(1);
}

struct recorded {
    char row[16], what[160];
    bool measured;
    double value, error;
};

/* Rows are written by table_bless: the second field is quoted, and no field holds a quote. */
static bool read_recorded(const char *line, struct recorded *r)
{
    const char *rest;
    char *end;

    *r = (struct recorded){ .measured = false };
    if (sscanf(line, "%15[^,],\"%159[^\"]\"", r->row, r->what) != 2) return false;
    rest = strchr(strchr(line, '"') + 1, '"') + 2; /* the target */
    rest = strchr(rest, ',');
    if (!rest) return false;
    r->value = strtod(rest + 1, &end);
    r->measured = end > rest + 1;
    r->error = r->measured ? strtod(end + 1, &end) : 0;
    return true;
}

static struct figure *find_row(struct table *t, const struct recorded *r)
{
    for (int i = 0; i < t->n; i++)
        if (strcmp(t->figure[i].row, r->row) == 0 && strcmp(t->figure[i].what, r->what) == 0)
            return &t->figure[i];
    return NULL;
}

static bool became_worse(struct table *t, const struct recorded *r)
{
    struct figure *const f = find_row(t, r);

    if (f) f->recorded = r->measured;
    if (f) f->was = r->value;
    if (!r->measured || (f && f->skipped)) return false;
    if (!f || !f->measured) {
        printf("NOT MEASURED any more: row %s, %s; recorded %.4g\n", r->row, r->what, r->value);
        return true;
    }
    if (badness(f, f->is.value) <= badness(f, r->value) + r->error) return false;
    printf("WORSE: row %s, %s: %.4g, recorded %.4g +- %.3g\n", r->row, r->what, f->is.value,
           r->value, r->error);
    return true;
}

int table_regressions(struct table *t, const char *path)
{
    FILE *const in = fopen(path, "r");
    char line[1280];
    int worse = 0;

    if (!in) {
        printf("no recorded table at %s\n", path);
        return 1;
    }
    while (fgets(line, sizeof(line), in)) {
        struct recorded r;

        if (read_recorded(line, &r)) worse += became_worse(t, &r);
    }
    fclose(in);
    return worse;
}
