/* SPDX-License-Identifier: Apache-2.0 */
/* A worker: a process that makes the records of one subject and view, so that a crash, a hang or a
 * lack of memory costs one record. It reports to the batch that started it through a pipe. */
#ifndef DERM_STUDY_WORKER_H
#define DERM_STUDY_WORKER_H

#include <dermetry/study.h>

#include "study/record.h"

/* All that a worker is told; every path in it is absolute, but those of the manifest. The context
 * is opened once, with one thread: options and models that are replaced while a batch runs do not
 * get into it, and no worker parses them anew, nor frees memory that it shares with the others. */
struct derm_assignment {
    struct derm_settings settings;
    derm_context *ctx;
    struct derm_batch_request request;
    struct derm_manifest manifest;
    struct derm_plan plan;
    struct derm_store store;
};

enum derm_report_kind {
    DERM_REPORT_BEGUN, /* a record; its time runs from here */
    DERM_REPORT_KEPT,  /* it was done before */
    DERM_REPORT_DONE,
    DERM_REPORT_FAILED,
    DERM_REPORT_NO_PAGE, /* of the subject and view, whose records have ended */
    DERM_REPORT_BROKEN,  /* nothing can be done here: no models, a full disk */
};

struct derm_report {
    enum derm_report_kind kind;
    struct derm_error why; /* of FAILED, NO_PAGE and BROKEN */
};

/* Makes plan.record[first] to plan.record[end - 1], then the page of the last one's subject and
 * view, if pages are asked for, reporting to the pipe fd. In a process made by fork, which it ends:
 * SIGTERM stops it before the next stage. parent is the process that forked. */
_Noreturn void derm_worker(const struct derm_assignment *a, int first, int end, int fd,
                           long parent);

#endif
