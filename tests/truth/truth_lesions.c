/* SPDX-License-Identifier: Apache-2.0 */
/* Lesions photographed by phone (PAD-UFES-20): is the lesion found as one object, pigmented or red,
 * and how well does its footprint cover what dermatologists drew (six masks, Bean-Young/EM-Net)?
 *
 *   truth_lesions [even|odd]
 *
 * Even: every other photo of the list, for tuning; odd, unless said otherwise: the others.
 *
 * Each photo is measured as a close-up of unknown scale. With a mask, the object of the largest
 * intersection over union (IoU) counts, and the lesion is found when that is above 0. The photos
 * are centred on their lesion: without a mask it is found when an object covers the middle, a
 * tenth of the photo wide. The rules for dark lesions (edge, holes, blue) were chosen on all of
 * these photos, those for large, scaly and strongly red ones, for lesions that the photo cuts off
 * and for those between skin and something else on the even ones. */
#include "lesion_photos.h"

struct tally {
    int photos, refused, found, pigmented, red;
    double iou[MOST_LESIONS];
    int ious;
};

static void count(const struct lesion_look *look, void *arg)
{
    struct tally *const t = &((struct tally *)arg)[look->masked];
    const double iou = fmax(look->pigmented, look->red);

    t->photos++;
    t->refused += !look->searched;
    t->found += iou > 0;
    t->pigmented += look->pigmented > 0;
    t->red += look->red > 0;
    if (look->searched) t->iou[t->ious++] = iou;
    if (!look->searched)
        printf("%-20s refused (quality)\n", look->name);
    else if (look->masked)
        printf("%-20s IoU %.2f (pigmented), %.2f (red)\n", look->name, look->pigmented, look->red);
    else
        printf("%-20s %s%s%s\n", look->name, iou > 0 ? "" : "missed",
               look->pigmented > 0 ? "pigmented " : "", look->red > 0 ? "red" : "");
}

int main(int argc, char **argv)
{
    const bool odd = argc < 2 || strcmp(argv[1], "odd") == 0;
    struct tally t[2] = { { 0 } }; /* without, with a mask */

    if (!lesion_photos(odd, count, t)) {
        printf("skipped: no photos in %s\n", lesion_folder);
        return 0;
    }
    for (int i = 0; i < 2; i++)
        printf("%s a mask: %d photos, %d refused, lesion found in %d: pigmented %d, red %d\n",
               i ? "with" : "without", t[i].photos, t[i].refused, t[i].found, t[i].pigmented,
               t[i].red);
    printf("IoU with the masks, of those searched: median %.2f\n",
           derm_median(t[1].iou, t[1].ious));
    return 0;
}
