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
  test <- wilcox.test(rows$change)
  improvement <- -rows$change_percent
  part <- data.frame(visit = rows$visit[1], arm = rows$arm[1], metric = rows$metric[1], region = rows$region[1],
    n = nrow(rows), change_mean = change$estimate, change_sd = sd(rows$change), change_lo = change$conf.int[1],
    change_hi = change$conf.int[2], percent_mean = mean(rows$change_percent, na.rm = TRUE),
    wilcoxon_v = test$statistic, wilcoxon_p = test$p.value,
    responders_mdc = sum(improvement > rows$mdc95, na.rm = TRUE))
  for (least in c(25, 50, 75)) part[paste0("responders_", least)] <- sum(improvement >= least, na.rm = TRUE)
  part
}

# ICC(A,1) and ICC(C,1) from R's analysis of variance; intervals: McGraw and Wong 1996, table 7.
agreement <- function(rows) {
  n <- length(unique(rows$target)); k <- length(unique(rows$shot))
  squares <- anova(lm(reading ~ factor(target) + factor(shot), rows))[["Mean Sq"]]
  msr <- squares[1]; msc <- squares[2]; mse <- squares[3]
  icc2 <- (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n)
  a <- k * icc2 / (n * (1 - icc2)); b <- 1 + k * icc2 * (n - 1) / (n * (1 - icc2))
  v <- (a * msc + b * mse)^2 / ((a * msc)^2 / (k - 1) + (b * mse)^2 / ((n - 1) * (k - 1)))
  low <- qf(.975, n - 1, v); high <- qf(.975, v, n - 1); rest <- k * msc + (k * n - k - n) * mse
  f <- msr / mse; free <- (n - 1) * (k - 1)
  below <- f / qf(.975, n - 1, free); above <- f * qf(.975, free, n - 1)
  data.frame(set = rows$set[1], mean = mean(rows$reading),
    sem = sqrt(anova(lm(reading ~ factor(target), rows))["Residuals", "Mean Sq"]), icc_2_1 = icc2,
    icc_2_1_lo = n * (msr - low * mse) / (low * rest + n * msr),
    icc_2_1_hi = n * (high * msr - mse) / (rest + n * high * msr),
    icc_3_1 = (f - 1) / (f + k - 1), icc_3_1_lo = (below - 1) / (below + k - 1),
    icc_3_1_hi = (above - 1) / (above + k - 1))
}

if (args[1] == "cohort") {
  table <- table[table$status == "measured" & table$verdict != "not_comparable", ]
  parts <- split(table, table[c("visit", "arm", "metric", "region")], drop = TRUE)
  result <- lapply(parts, cohort)
} else {
  result <- lapply(split(table, table$set), agreement)
}
write.csv(do.call(rbind, result), stdout(), row.names = FALSE, na = "")
