#!/usr/bin/env Rscript
# SPDX-License-Identifier: Apache-2.0
# Reads the tables of a study (dermetry merge) and prints, per metric of the whole face or close-up, the mean change
# over subjects at their last visit with a 95 % t interval.
#
#     Rscript samples/study.R FOLDER/tables

args <- commandArgs(trailingOnly = TRUE)
if (length(args) != 1) stop("usage: Rscript study.R FOLDER/tables")
rows <- read.csv(file.path(args[1], "metrics.csv"), na.strings = "")
rows <- rows[rows$region %in% c("face", "roi") & rows$status == "measured" & !is.na(rows$change_percent), ]
rows <- rows[order(rows$days), ]
last <- rows[!duplicated(rows[c("subject", "view", "metric")], fromLast = TRUE), ]

for (metric in unique(last$metric)) {
  change <- last$change_percent[last$metric == metric]
  if (length(change) < 2) {
    cat(sprintf("%-30s n %d  %+.1f %% (no interval over subjects: one subject)\n", metric, length(change), change))
  } else {
    test <- t.test(change)
    cat(sprintf("%-30s n %d  %+.1f %% (%+.1f to %+.1f)\n", metric, length(change), test$estimate,
                test$conf.int[1], test$conf.int[2]))
  }
}

# Every record is also a line of JSON.
if (requireNamespace("jsonlite", quietly = TRUE)) {
  records <- jsonlite::stream_in(file(file.path(args[1], "comparisons.ndjson")), verbose = FALSE, simplifyVector = FALSE)
  cat(sprintf("%d records, %d of them done\n", length(records), sum(sapply(records, function(r) r$status == "done"))))
}
