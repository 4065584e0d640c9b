/* SPDX-License-Identifier: Apache-2.0 */
/* The error list: one line gives the enum, the id in JSON, the exit code and the text. */
#ifndef DERMETRY_ERROR_H
#define DERMETRY_ERROR_H

/* X(name, json id, exit code of the program, what it means) */
#define DERM_ERROR_LIST(X)                                                                         \
    X(OK, "ok", 0, "done")                                                                         \
    X(EUSAGE, "usage", 64, "the command line or the settings are wrong")                           \
    X(EMALFORMED, "malformed_input", 65, "the input is not what it claims to be")                  \
    X(ETRUNCATED, "truncated_input", 65, "the input ends before the picture does")                 \
    X(EUNSUPPORTED, "unsupported_input", 65, "the input is valid but of a kind not supported")     \
    X(ELIMIT, "limit_exceeded", 65, "the input is larger than the limits allow")                   \
    X(EMISSING, "missing_input", 66, "the input does not exist or cannot be opened")               \
    X(ENOMEM, "out_of_memory", 70, "not enough memory")                                            \
    X(EMODEL, "model_unusable", 70, "a model file is missing or not the one expected")             \
    X(ECV, "opencv_failed", 70, "OpenCV reported an error")                                        \
    X(EINTERNAL, "internal_error", 70, "a promise inside the program was broken")                  \
    X(ECREATE, "cannot_create", 73, "an output cannot be created")                                 \
    X(EIO, "io_error", 74, "reading or writing failed")                                            \
    X(EINTERRUPTED, "interrupted", 75, "stopped by a signal; run again to resume")

typedef enum derm_err {
#define X(name, id, code, text) DERM_##name,
    DERM_ERROR_LIST(X)
#undef X
        DERM_ERROR_COUNT
} derm_err;

#endif
