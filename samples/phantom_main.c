/* SPDX-License-Identifier: Apache-2.0 */
/* phantom: renders a skin close-up and its truth, or the committed samples. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "phantom.h"
#include "phantom_samples.h"

struct job {
    struct phantom_shot shot;
    double seed, ita, width, height, p3, quality, noise_seed, linear_scars, skin, tissue,
        illuminant;
    const char *out, *truth, *maps;
};

struct flag {
    const char *name;
    size_t offset;
    double lo, hi;
    const char *help;
};
#define FLAG(name, field, lo, hi, help)                                                            \
    {                                                                                              \
        name, offsetof(struct job, field), lo, hi, help                                            \
    }
static const struct flag flags[] = {
    FLAG("--seed", seed, 0, 9e15, "which skin"),
    FLAG("--ita", ita, -60, 85, "tone: individual typology angle, degrees (default 45)"),
    FLAG("--fm", shot.spec.fm, 0.004, 0.5, "tone: melanosome fraction, in place of --ita"),
    FLAG("--fb", shot.spec.fb, 0.002, 0.2, "blood fraction"),
    FLAG("--optics", tissue, 0, 9e15, "which optical constants; 0: the usual ones"),
    FLAG("--spots", shot.spec.spots_per_cm2, 0, 20, "pigment spots per cm2"),
    FLAG("--pores", shot.spec.pores_per_cm2, 0, 200, "pores per cm2"),
    FLAG("--scars", shot.spec.scars_per_cm2, 0, 5, "atrophic scars per cm2"),
    FLAG("--linear-scars", linear_scars, 0, 20, "scars of cuts in the picture"),
    FLAG("--wrinkles", shot.spec.wrinkles_per_cm2, 0, 5, "wrinkles per cm2"),
    FLAG("--fine-lines", shot.spec.fine_lines_per_cm2, 0, 20, "fine lines per cm2"),
    FLAG("--melasma", shot.spec.melasma, 0, 0.9, "share of the skin under patches of pigment"),
    FLAG("--striae", shot.spec.striae_per_cm2, 0, 1, "stretch marks per cm2"),
    FLAG("--striae-alba", shot.spec.striae_alba, 0, 1, "share of them that are pale"),
    FLAG("--marks", shot.spec.marks_per_cm2, 0, 5, "red marks per cm2"),
    FLAG("--vessels", shot.spec.vessels_per_cm2, 0, 10, "small vessels per cm2"),
    FLAG("--moles", shot.spec.moles_per_cm2, 0, 5, "dark spots with a sharp rim per cm2"),
    FLAG("--papules", shot.spec.papules_per_cm2, 0, 5, "red bumps per cm2"),
    FLAG("--flakes", shot.spec.flakes_per_cm2, 0, 60, "white scales on the skin per cm2"),
    FLAG("--erythema", shot.spec.erythema, 0, 0.1, "blood fraction added to the middle"),
    FLAG("--flushes", shot.spec.flushes_per_cm2, 0, 5, "red areas per cm2"),
    FLAG("--hairs", shot.spec.hairs_per_cm2, 0, 50, "hairs per cm2"),
    FLAG("--stubble", shot.spec.stubble_per_cm2, 0, 200, "hairs of a shaved beard per cm2"),
    FLAG("--spot-fade", shot.spec.fade[PHANTOM_SPOT], 0, 1, "share of the pigment that is gone"),
    FLAG("--pore-fade", shot.spec.fade[PHANTOM_PORE], 0, 1, "share of the depth that is gone"),
    FLAG("--scar-fade", shot.spec.fade[PHANTOM_SCAR], 0, 1, "share of the depth that is gone"),
    FLAG("--linear-scar-fade", shot.spec.fade[PHANTOM_LINEAR_SCAR], 0, 1, "share that is gone"),
    FLAG("--linear-scar-narrowing", shot.spec.linear_scar_narrowing, 0, 0.9, "share of the width"),
    FLAG("--wrinkle-fade", shot.spec.fade[PHANTOM_WRINKLE], 0, 1,
         "share of the depth that is gone"),
    FLAG("--fine-line-fade", shot.spec.fade[PHANTOM_FINE_LINE], 0, 1,
         "share of the depth that is gone"),
    FLAG("--melasma-fade", shot.spec.fade[PHANTOM_MELASMA], 0, 1, "share of pigment that is gone"),
    FLAG("--stria-fade", shot.spec.fade[PHANTOM_STRIA], 0, 1, "share that is gone"),
    FLAG("--mark-fade", shot.spec.fade[PHANTOM_MARK], 0, 1, "share of the blood that is gone"),
    FLAG("--vessel-fade", shot.spec.fade[PHANTOM_VESSEL], 0, 1, "share of the blood that is gone"),
    FLAG("--erythema-fade", shot.spec.fade[PHANTOM_ERYTHEMA], 0, 1, "share of it that is gone"),
    FLAG("--flake-fade", shot.spec.fade[PHANTOM_FLAKE], 0, 1, "share of them that have come off"),
    FLAG("--smoothing", shot.spec.smoothing, 0, 1, "share of the fine relief that is gone"),
    FLAG("--azimuth", shot.light.azimuth_deg, -360, 360, "light from: 0 right, 90 top, degrees"),
    FLAG("--elevation", shot.light.elevation_deg, 10, 90, "light above the skin, degrees"),
    FLAG("--ambient", shot.light.ambient, 0, 1, "share of light from everywhere"),
    FLAG("--gain", shot.light.gain, 0.1, 4, "exposure against automatic"),
    FLAG("--cct", shot.light.cct_k, 2000, 12000, "colour temperature, K"),
    FLAG("--illuminant", illuminant, 0, 3, "0 blackbody, 1 daylight, 2 LED, 3 tube"),
    FLAG("--awb", shot.light.awb, 0, 1, "share of the cast that the camera removes"),
    FLAG("--red", shot.light.cast[0], 0.5, 2, "white balance error, factor"),
    FLAG("--blue", shot.light.cast[2], 0.5, 2, "white balance error, factor"),
    FLAG("--gradient-x", shot.light.gradient_x, -1.5, 1.5, "fall-off of light over the width"),
    FLAG("--gradient-y", shot.light.gradient_y, -1.5, 1.5, "fall-off of light over the height"),
    FLAG("--oil", shot.light.oil, 0, 5, "strength of highlights"),
    FLAG("--px-per-mm", shot.camera.px_per_mm, 1, 40, "resolution"),
    FLAG("--width", width, 16, 8000, "px"),
    FLAG("--height", height, 16, 8000, "px"),
    FLAG("--turn", shot.camera.turn_deg, -180, 180, "camera turned, degrees"),
    FLAG("--shift-x", shot.camera.shift_x_mm, -5, 5, "camera moved, mm"),
    FLAG("--shift-y", shot.camera.shift_y_mm, -5, 5, "camera moved, mm"),
    FLAG("--zoom", shot.camera.zoom, 0.9, 2, "camera nearer"),
    FLAG("--tilt-x", shot.camera.tilt_x_deg, -60, 60, "camera gone round to the right, degrees"),
    FLAG("--tilt-y", shot.camera.tilt_y_deg, -60, 60, "camera gone round to below, degrees"),
    FLAG("--distance", shot.camera.distance_mm, 0, 5000, "of the camera, mm; 0: far away"),
    FLAG("--skin", skin, 0, 500, "mm that are made; 0: what a camera facing it sees"),
    FLAG("--radius", shot.spec.radius_mm, 0, 1000, "of the body part, mm; 0: flat"),
    FLAG("--vignette", shot.camera.vignette, 0, 0.9, "share of light that the corners lose"),
    FLAG("--bend", shot.camera.bend_mm, 0, 1, "elastic deformation, rms mm"),
    FLAG("--defocus", shot.camera.defocus_px, 0, 20, "sigma, px"),
    FLAG("--noise", shot.camera.noise, 0, 0.2, "at white"),
    FLAG("--s-curve", shot.camera.s_curve, 0, 1, "contrast added by the camera"),
    FLAG("--noise-seed", noise_seed, 0, 9e15, "which noise"),
    FLAG("--p3", p3, 0, 1, "1: Display-P3"),
    FLAG("--quality", quality, 0, 100, "of the JPEG; 0: PNG"),
    { 0 },
};

static int usage(FILE *out)
{
    fprintf(out, "usage: phantom [options] --out FILE [--truth FILE.json] [--maps PREFIX]\n"
                 "       phantom samples DIR\n\n");
    for (const struct flag *f = flags; f->name; f++)
        fprintf(out, "  %-24s %s\n", f->name, f->help);
    fprintf(out, "  %-24s %s\n", "--captured-at", "YYYY:MM:DD HH:MM:SS for EXIF");
    return out == stdout ? 0 : 64;
}

static int set_flag(struct job *job, const char *name, const char *text)
{
    char *end;
    const double value = strtod(text, &end);

    for (const struct flag *f = flags; f->name; f++) {
        if (strcmp(f->name, name) != 0) continue;
        if (end == text || *end || !(value >= f->lo && value <= f->hi)) {
            fprintf(stderr, "phantom: %s must lie in [%g, %g]\n", name, f->lo, f->hi);
            return -1;
        }
        memcpy((char *)job + f->offset, &value, sizeof(value));
        return 0;
    }
    fprintf(stderr, "phantom: there is no option %s\n", name);
    return -1;
}

static int parse(struct job *job, int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc) return -1;
        if (strcmp(argv[i], "--out") == 0)
            job->out = argv[i + 1];
        else if (strcmp(argv[i], "--truth") == 0)
            job->truth = argv[i + 1];
        else if (strcmp(argv[i], "--maps") == 0)
            job->maps = argv[i + 1];
        else if (strcmp(argv[i], "--captured-at") == 0)
            job->shot.file.captured_at = argv[i + 1];
        else if (set_flag(job, argv[i], argv[i + 1]))
            return -1;
    }
    return job->out ? 0 : -1;
}

static void complete(struct job *job)
{
    struct phantom_shot *const s = &job->shot;

    s->spec.seed = (uint64_t)job->seed;
    if (job->tissue > 0) s->spec.tissue = phantom_tissue_of((uint64_t)job->tissue);
    if (s->spec.fm <= 0) s->spec.fm = phantom_tissue_fm(&s->spec.tissue, job->ita, s->spec.fb);
    s->light.illuminant = (enum phantom_illuminant)job->illuminant;
    s->spec.linear_scars = (int)job->linear_scars;
    s->camera.width = (int)job->width;
    s->camera.height = (int)job->height;
    s->camera.p3 = job->p3 > 0;
    s->camera.noise_seed = (uint64_t)job->noise_seed;
    s->spec.width_mm = job->skin > 0 ? job->skin : s->camera.width / s->camera.px_per_mm;
    s->spec.height_mm = job->skin > 0 ? job->skin : s->camera.height / s->camera.px_per_mm;
    s->file.jpeg_quality = (int)job->quality;
}

int main(int argc, char **argv)
{
    struct job job = { .shot = phantom_default_shot(),
                       .seed = 1,
                       .ita = 45,
                       .width = 640,
                       .height = 640,
                       .quality = 92,
                       .noise_seed = 1 };
    struct phantom_rgb8 picture;
    struct phantom_skin skin;
    int failed;

    if (argc == 3 && strcmp(argv[1], "samples") == 0) return phantom_samples(argv[2]) ? 73 : 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return usage(stdout);
    if (parse(&job, argc, argv)) return usage(stderr);
    complete(&job);
    phantom_skin_init(&skin, &job.shot.spec);
    phantom_shoot(&skin, &job.shot, &picture);
    failed = phantom_write(job.out, &picture, &job.shot.file);
    if (!failed && job.truth) {
        cJSON *const truth = phantom_describe(&skin, &job.shot);
        failed = phantom_write_json(job.truth, truth);
        cJSON_Delete(truth);
    }
    if (!failed && job.maps) failed = phantom_write_maps(job.maps, &skin, &job.shot.camera);
    free(picture.px);
    phantom_skin_free(&skin);
    return failed ? 73 : 0;
}
