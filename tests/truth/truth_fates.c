/* SPDX-License-Identifier: Apache-2.0 */
#include "fate_scenes.h"
int main(int argc, char **argv)
{
    const int odd = argc < 2 || strcmp(argv[1], "even") != 0;
    const int most = argc > 2 ? atoi(argv[2]) : PHANTOM_CELLS;
    const int first = argc > 3 ? atoi(argv[3]) : 0;
    static struct null_lab lab;
    static struct fate_score score;

    null_lab_open(&lab, NULL);
    for (int i = first; i < first + most; i++)
        score_fates(&lab, 2 * i + odd, phantom_itas[i % PHANTOM_TONES],
                    phantom_scales[i % PHANTOM_CELLS / PHANTOM_TONES], &score);
    for (int k = 0; k < TRACKED; k++)
        for (int f = 0; f < TRUE_FATES; f++) {
            printf("%d %-14s", k, true_fates[f].name);
            for (int s = 0; s < SAID; s++)
                printf(" %4d", score.said[k][f][s]);
            printf("\n");
        }
    null_lab_close(&lab);
    return 0;
}
