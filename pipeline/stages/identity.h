/* SPDX-License-Identifier: Apache-2.0 */
/* What a spot on the skin can be. */
#ifndef DERM_STAGES_IDENTITY_H
#define DERM_STAGES_IDENTITY_H

/* X(name, meaning): the names and their order are those of models/classifier.json. */
#define DERM_IDENTITY_LIST(X)                                                                      \
    X(pore, "a pore")                                                                              \
    X(scar, "an atrophic scar")                                                                    \
    X(pigment, "a spot of pigment")                                                                \
    X(vascular, "a red mark or a vessel")                                                          \
    X(mole, "a mole: dark, with a sharp rim")                                                      \
    X(hair, "a hair, a lash or stubble")                                                           \
    X(papule, "a red bump")                                                                        \
    X(artefact, "plain skin, a line, the edge of something")

enum derm_identity {
#define X(name, meaning) DERM_IS_##name,
    DERM_IDENTITY_LIST(X)
#undef X
        DERM_IDENTITIES,
    DERM_IS_unsure = DERM_IDENTITIES /* or not classified */
};
const char *derm_identity_name(int identity); /* "unsure" too */

#endif
