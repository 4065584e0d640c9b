# SPDX-License-Identifier: Apache-2.0
# What R makes of the tables that the statistics of dermetry are made of, as CSV:
#
#     Rscript statistics.R cohort METRICS.csv      of a merge: a row per visit, arm, metric and region
#     Rscript statistics.R agreement RATINGS.csv   set, target, shot, reading: a row per set
options(digits = 15)
args <- commandArgs(trailingOnly = TRUE)
table <- read.csv(args[2], na.strings = "", stringsAsFactors = FALSE)

cohort <- function(rows) {
  change <- t.test(rows$change)
  test <- suppressWarnings(wilcox.test(rows$change)) # ties and zeros: no exact p
  improvement <- ifelse(rows$better == "higher", 1, -1) * rows$change_percent
  part <- data.frame(visit = rows$visit[1], arm = rows$arm[1], metric = rows$metric[1], region = rows$region[1],
    n = nrow(rows), change_mean = change$estimate, change_sd = sd(rows$change), change_lo = change$conf.int[1],
    change_hi = change$conf.int[2], percent_mean = mean(rows$change_percent, na.rm = TRUE),
    wilcoxon_v = test$statistic, wilcoxon_p = test$p.value,
    responders_mdc = sum(improvement > rows$mdc95, na.rm = TRUE))
  for (least in c(25, 50, 75)) part[paste0("responders_", least)] <- sum(improvement >= least, na.rm = TRUE)
  part
}

# ICC(2,1) and ICC(3,1) with their intervals as the package psych has them.
agreement <- function(rows) {
  ratings <- tapply(rows$reading, rows[c("target", "shot")], identity)
  found <- psych::ICC(ratings, lmer = FALSE)$results[c("Single_random_raters", "Single_fixed_raters"), ]
  data.frame(set = rows$set[1], mean = mean(rows$reading),
    sem = sqrt(anova(lm(reading ~ factor(target), rows))["Residuals", "Mean Sq"]),
    icc_2_1 = found$ICC[1], icc_2_1_lo = found$lower[1], icc_2_1_hi = found$upper[1],
    icc_3_1 = found$ICC[2], icc_3_1_lo = found$lower[2], icc_3_1_hi = found$upper[2])
}

if (args[1] == "cohort") {
  table <- table[table$status == "measured" & table$verdict != "not_comparable", ]
  parts <- split(table, table[c("visit", "arm", "metric", "region")], drop = TRUE)
  result <- lapply(parts, cohort)
} else {
  if (!requireNamespace("psych", quietly = TRUE)) quit(status = 77)
  result <- lapply(split(table, table$set), agreement)
}
write.csv(do.call(rbind, result), stdout(), row.names = FALSE, na = "")
