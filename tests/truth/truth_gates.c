/* SPDX-License-Identifier: Apache-2.0 */
/* What the gates between two photos say where the answer is known.
 *
 *   truth_gates [even] [part ...]    parts: see below; none: all
 *
 * Reported are the people and the phantoms' seeds with an odd number. even: those that limits were
 * chosen on. A line counts pairs, pairs refused, and for each reason how many pairs it fails and
 * warns of. */
#include <math.h>

#include "phantom_samples.h"
#include "stages/fine_relief.h"
#include "stages/light_direction.h"
#include "stages/tilt.h"
#include "truth/relight.h"

#include "base/metrics.h"

enum { MOST_FILES = 64, MOST_FIGURES = 64 };

static struct bench *bench;
static bool even;

/* ---- counting */
struct line {
    int pairs, refused;
    int worst[DERM_REASON_COUNT][3]; /* by severity */
    double figure[MOST_FIGURES];     /* a measured angle */
    int figures;
};

static void judge(struct line *l, const char *base, const char *follow)
{
    struct derm_pair *const pair = &bench->pair;
    int worst[DERM_REASON_COUNT] = { 0 };
    struct derm_run run;

    bench_pair(bench, base, follow);
    run = bench_run(bench, &bench->keep);
    run.pair = pair;
    bench_stage(bench, &run, &derm_stage_conditions);
    l->pairs++;
    l->refused += pair->comparability == DERM_INCOMPARABLE;
    for (int i = 0; i < pair->n; i++)
        if ((int)pair->finding[i].severity > worst[pair->finding[i].reason])
            worst[pair->finding[i].reason] = (int)pair->finding[i].severity;
    for (int r = 0; r < DERM_REASON_COUNT; r++)
        l->worst[r][worst[r]]++;
}

static void print(const char *name, const struct line *l)
{
    double sum = 0, square = 0;

    printf("%-34s %3d pairs %3d refused", name, l->pairs, l->refused);
    for (int i = 0; i < l->figures; i++) {
        sum += l->figure[i] / l->figures;
        square += l->figure[i] * l->figure[i] / l->figures;
    }
    if (l->figures > 0)
        printf("  reads %.1f+-%.1f deg (%d)", sum, sqrt(fmax(square - sum * sum, 0)), l->figures);
    for (int r = 0; r < DERM_REASON_COUNT; r++) {
        if (l->worst[r][DERM_SEVERITY_FAIL] + l->worst[r][DERM_SEVERITY_WARN] == 0) continue;
        printf("  %s %d+%d", derm_reason_id((enum derm_reason)r), l->worst[r][DERM_SEVERITY_FAIL],
               l->worst[r][DERM_SEVERITY_WARN]);
    }
    putchar('\n');
}

/* ---- faces */
static char neutral[MOST_FILES][PATH_TEXT], smiling[MOST_FILES][PATH_TEXT];
static int people;

static int number_of(const char *path)
{
    return atoi(strrchr(path, '/') + 1);
}

/* The people of this half who were photographed twice. */
static void find_people(void)
{
    static char all[MOST_FILES][PATH_TEXT], smiles[MOST_FILES][PATH_TEXT];
    const int n = list_files(DERM_TEST_DATA "/faces/frll/neutral", ".jpg", all, MOST_FILES);
    const int m = list_files(DERM_TEST_DATA "/faces/frll/smiling", ".jpg", smiles, MOST_FILES);

    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            if (number_of(all[i]) != number_of(smiles[j]) || number_of(all[i]) % 2 == even)
                continue;
            memcpy(neutral[people], all[i], PATH_TEXT);
            memcpy(smiling[people++], smiles[j], PATH_TEXT);
        }
}

static void run_smile(void)
{
    struct line line = { 0 };

    for (int i = 0; i < people; i++)
        judge(&line, neutral[i], smiling[i]);
    print("neutral and smiling", &line);
}

static void against_itself(const char *name, const struct remake *how)
{
    struct line line = { 0 };
    char to[PATH_TEXT];

    for (int i = 0; i < people; i++) {
        temporary(to, name, i);
        write_remade(bench, neutral[i], how, to);
        judge(&line, neutral[i], to);
    }
    print(name, &line);
}

static void encode(const char *from, const struct phantom_file *how, const char *to)
{
    const struct derm_rgb8 *const px = &bench_photo(bench, from)->frame.rgb;
    const struct phantom_rgb8 picture = {
        malloc((size_t)px->w * (size_t)px->h * 3),
        px->w,
        px->h,
        0,
    };

    if (!picture.px) abort();
    for (int y = 0; y < px->h; y++)
        memcpy(picture.px + (size_t)y * (size_t)px->w * 3, derm_rgb8_row(px, y), (size_t)px->w * 3);
    if (phantom_write(to, &picture, how)) exit(1);
    free(picture.px);
}

static void run_itself(void)
{
    static const struct remake darker = { .gain = 0.75 }, brighter = { .gain = 1.2 };

    against_itself("exposed 0.75", &darker);
    against_itself("exposed 1.2", &brighter);
    for (int quality = 90; quality >= 70; quality -= 10) {
        const struct phantom_file how = { .jpeg_quality = quality };
        struct line line = { 0 };
        char to[PATH_TEXT], name[64];

        for (int i = 0; i < people; i++) {
            temporary(to, "encoded", 100 * quality + i);
            encode(neutral[i], &how, to);
            judge(&line, neutral[i], to);
        }
        snprintf(name, sizeof(name), "JPEG again, quality %d", quality);
        print(name, &line);
    }
}

/* Smoothed like a beauty filter does, and mirrored: to be refused. */
static void run_altered(void)
{
    static const struct remake mild = { .gain = 1, .smooth_mm = 0.5 };
    static const struct remake heavy = { .gain = 1, .smooth_mm = 1.5 };
    static const struct remake mirrored = { .gain = 1, .mirrored = 1 };

    against_itself("smoothed 0.5 mm", &mild);
    against_itself("smoothed 1.5 mm", &heavy);
    against_itself("mirrored", &mirrored);
}

static void add_angle(struct line *l, bool face)
{
    struct derm_run run = bench_run(bench, &bench->keep);
    struct derm_relief_change relief;
    struct derm_light_turn turn;
    struct derm_cells cells;
    bool known = false;

    run.pair = &bench->pair;
    if (!bench->pair.registration.accepted || l->figures == MOST_FIGURES) return;
    if (face) {
        must(bench, derm_cells_new(&run, &cells, 3.2));
        must(bench, derm_face_light_turn(&run, &cells, &turn, &known));
        if (known && turn.has_angle) l->figure[l->figures++] = turn.angle_deg;
    } else {
        must(bench, derm_relief_change(&run, &relief, &known));
        if (known && relief.has_azimuth) l->figure[l->figures++] = relief.azimuth_deg;
    }
    derm_arena_reset(run.scratch, 0);
}

static const struct shade_light lights[] = {
    { 60, 50, 0.35 }, { 60, 40, 0.35 },  { 60, 30, 0.35 },
    { 60, 15, 0.35 }, { 105, 50, 0.35 }, { 60, 50, 0.6 },
};
enum { LIGHTS = sizeof(lights) / sizeof(lights[0]) };

static void shade_grid(const struct derm_frame *f, const struct shade_light *light,
                       struct derm_plane *od)
{
    const struct derm_grid *const g = &f->view.grid;
    struct derm_plane shade;

    must(bench, derm_plane_new(&bench->ctx->engine.scratch, &shade, f->rgb.w, f->rgb.h));
    shade_plane(bench, &f->face, light, &shade);
    for (int y = 0; y < g->h; y++)
        for (int x = 0; x < g->w; x++) {
            const int px = (int)fmin(g->x0 + (x + 0.5) * g->step, shade.w - 1);
            const int py = (int)fmin(g->y0 + (y + 0.5) * g->step, shade.h - 1);
            derm_row(od, y)[x] = -logf(derm_row(&shade, py)[px]);
        }
    derm_arena_reset(&bench->ctx->engine.scratch, 0);
}

/* Heads without colour and without a light of their own: the shading alone. */
static void run_shaded(void)
{
    for (int k = 1; k < LIGHTS; k++) {
        struct line line = { 0 };
        char name[64];

        for (int i = 0; i < people; i++) {
            judge(&line, neutral[i], smiling[i]);
            shade_grid(&bench->base, &lights[0], &bench->base.view.od[1]);
            shade_grid(&bench->base, &lights[k], &bench->pair.warped.od[1]);
            add_angle(&line, true);
        }
        memset(line.worst, 0, sizeof(line.worst)); /* of the photos, not of the shading */
        snprintf(name, sizeof(name), "shading turned %.1f deg, ambient %.2f",
                 shade_angle_deg(&lights[0], &lights[k]), lights[k].ambient);
        print(name, &line);
    }
}

/* The neutral face in one light, then neutral and smiling in another. The light that the photos
 * were taken in shines on in all of them, so that the whole turns by less. */
static void run_relit(void)
{
    char from[PATH_TEXT], to[PATH_TEXT], name[64];

    for (int k = 0; k < LIGHTS; k++)
        for (int smile = 0; smile < 2; smile++) {
            const struct remake first = { .gain = 0.8, .light = &lights[0] };
            const struct remake second = { .gain = 0.8, .light = &lights[k] };
            struct line line = { 0 };

            for (int i = 0; i < people; i++) {
                temporary(from, "lit", i);
                temporary(to, "relit", 1000 * k + 100 * smile + i);
                if (k == 0) write_remade(bench, neutral[i], &first, from);
                write_remade(bench, smile ? smiling[i] : neutral[i], &second, to);
                judge(&line, from, to);
                add_angle(&line, true);
            }
            snprintf(name, sizeof(name), "turned %.1f deg, ambient %.2f%s",
                     shade_angle_deg(&lights[0], &lights[k]), lights[k].ambient,
                     smile ? ", smiling" : "");
            print(name, &line);
        }
}

/* ---- close-ups */
struct condition {
    const char *name;
    size_t what;
    double add, times;
};
#define IN(part) offsetof(struct phantom_shot, part)
static const struct condition conditions[] = {
    { "shot again", IN(light.gain), 0, 1 },
    { "gain 0.7", IN(light.gain), 0, 0.7 },
    { "4700 K", IN(light.cct_k), -1300, 1 },
    { "light fall-off 0.35", IN(light.gradient_x), 0.35, 1 },
    { "defocus +0.7 px", IN(camera.defocus_px), 0.32, 1 }, /* sqrt(0.6^2 + 0.7^2) */
    { "JPEG 75 for 92", IN(file.jpeg_quality), 0, 0 },
    { "azimuth +10", IN(light.azimuth_deg), 10, 1 },
    { "azimuth +20", IN(light.azimuth_deg), 20, 1 },
    { "azimuth +35", IN(light.azimuth_deg), 35, 1 },
    { "elevation -10", IN(light.elevation_deg), -10, 1 },
    { "elevation -20", IN(light.elevation_deg), -20, 1 },
    { "oil x 1.8", IN(light.oil), 0, 1.8 },
    { "S-curve 0.2", IN(camera.s_curve), 0.2, 1 },
    { "Display-P3", IN(camera.p3), 0, 0 },
    { "spots fade 40 %", IN(spec.fade[PHANTOM_SPOT]), 0.4, 1 },
    { "pores fade 40 %", IN(spec.fade[PHANTOM_PORE]), 0.4, 1 },
    { "scars fade 40 %", IN(spec.fade[PHANTOM_SCAR]), 0.4, 1 },
};

static void change(struct phantom_shot *shot, const struct condition *c)
{
    double value;

    if (c->what == IN(file.jpeg_quality))
        shot->file.jpeg_quality = 75;
    else if (c->what == IN(camera.p3))
        shot->camera.p3 = 1;
    else {
        memcpy(&value, (char *)shot + c->what, sizeof(value));
        value = value * c->times + c->add;
        memcpy((char *)shot + c->what, &value, sizeof(value));
    }
}

static void shoot(const struct phantom_shot *shot, const char *to)
{
    struct phantom_rgb8 picture;
    struct phantom_skin skin;

    phantom_skin_init(&skin, &shot->spec);
    phantom_shoot(&skin, shot, &picture);
    if (phantom_write(to, &picture, &shot->file)) exit(1);
    free(picture.px);
    phantom_skin_free(&skin);
}

static struct phantom_shot close_up(int seed, double ita_deg)
{
    struct phantom_shot s = phantom_default_shot();

    s.spec.seed = 3000 + (uint64_t)seed;
    s.spec.fm = phantom_fm_of_ita(ita_deg, s.spec.fb);
    s.spec.width_mm = s.spec.height_mm = 48;
    s.camera.width = s.camera.height = 480;
    s.light.azimuth_deg = 40 + 25 * (seed % 5);
    s.camera.noise_seed = (uint64_t)(2 * seed);
    s.file.jpeg_quality = 92;
    return s;
}

static void run_phantom(void)
{
    static const double ita_deg[] = { 60, 40, 20, 0 };
    enum { TONES = 4, SEEDS = 3 };
    char from[PATH_TEXT], to[PATH_TEXT];

    for (int k = 0; k < (int)(sizeof(conditions) / sizeof(conditions[0])); k++) {
        struct line line = { 0 };

        for (int i = 0; i < TONES * SEEDS; i++) {
            const int seed = 2 * i + (even ? 0 : 1);
            struct phantom_shot shot = close_up(seed, ita_deg[i % TONES]);

            temporary(from, "close_up", seed);
            temporary(to, "changed", 100 * k + seed);
            if (k == 0) shoot(&shot, from);
            shot.camera.noise_seed++;
            shot.camera.turn_deg = 2;
            shot.camera.shift_x_mm = 0.4;
            shot.camera.bend_mm = 0.1;
            change(&shot, &conditions[k]);
            shoot(&shot, to);
            judge(&line, from, to);
            add_angle(&line, false);
        }
        print(conditions[k].name, &line);
    }
}

/* The camera goes round the skin, a quarter turn further with every seed; before: so far to the
 * other side for the baseline. */
static const struct stand {
    const char *name;
    double before_deg, after_deg, bend_mm, distance_mm, radius_mm;
} stands[] = {
    { "tilt 0", 0, 0, 0.1, 0, 0 },
    { "tilt 0, near and round", 0, 0, 0.1, 250, 120 },
    { "tilt 0, stretched", 0, 0, 0.2, 250, 120 },
    { "tilt 0, stretched much", 0, 0, 0.5, 250, 120 },
    { "tilt 3", 0, 3, 0.1, 250, 120 },
    { "tilt 5", 0, 5, 0.1, 250, 120 },
    { "tilt 10", 0, 10, 0.1, 250, 120 },
    { "tilt 15", 0, 15, 0.1, 250, 120 },
    { "tilt 20", 0, 20, 0.1, 250, 120 },
    { "tilt 30", 0, 30, 0.1, 250, 120 },
    { "tilt 10 to one side, 10 to the other", 10, 10, 0.1, 250, 120 },
};

static void tilt(struct phantom_camera *c, double deg, int seed)
{
    const double round = 1.5707963267948966 * (seed / 2 % 4);

    c->tilt_x_deg = deg * cos(round);
    c->tilt_y_deg = deg * sin(round);
}

static void run_tilt(void)
{
    static const double ita_deg[] = { 60, 40, 20, 0 };
    enum { TONES = 4, SEEDS = 3 };
    char from[PATH_TEXT], to[PATH_TEXT];

    for (int k = 0; k < (int)(sizeof(stands) / sizeof(stands[0])); k++) {
        struct line line = { 0 };

        for (int i = 0; i < TONES * SEEDS; i++) {
            const int seed = 2 * i + (even ? 0 : 1);
            struct phantom_shot shot = close_up(seed, ita_deg[i % TONES]);
            double deg;

            temporary(from, "square", 100 * k + seed);
            temporary(to, "tilted", 100 * k + seed);
            shot.spec.radius_mm = stands[k].radius_mm;
            shot.camera.distance_mm = stands[k].distance_mm;
            tilt(&shot.camera, -stands[k].before_deg, seed);
            shoot(&shot, from);
            shot.camera.noise_seed++;
            shot.camera.turn_deg = 2;
            shot.camera.shift_x_mm = 0.4;
            shot.camera.bend_mm = stands[k].bend_mm;
            tilt(&shot.camera, stands[k].after_deg, seed);
            shoot(&shot, to);
            judge(&line, from, to);
            if (bench->pair.registration.accepted && derm_tilt_difference(&bench->pair, &deg))
                line.figure[line.figures++] = deg;
        }
        print(stands[k].name, &line);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
        bool faces;
    } parts[] = {
        { "smile", run_smile, true },     { "itself", run_itself, true },
        { "altered", run_altered, true }, { "shaded", run_shaded, true },
        { "relit", run_relit, true },     { "phantom", run_phantom, false },
        { "tilt", run_tilt, false },
    };
    bool all;

    setvbuf(stdout, NULL, _IOLBF, 0);
    even = argc > 1 && strcmp(argv[1], "even") == 0;
    all = argc - even < 2;
    bench = bench_new(1);
    find_people();
    for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
        bool wanted = all;

        for (int i = 1; i < argc; i++)
            wanted = wanted || strcmp(argv[i], parts[k].name) == 0;
        if (!wanted) continue;
        printf("%s, %s numbers\n", parts[k].name, even ? "even" : "odd");
        if (parts[k].faces && people == 0)
            puts("SKIPPED: no photos in ../shared/data");
        else
            parts[k].run();
    }
    bench_free(bench);
    return 0;
}
