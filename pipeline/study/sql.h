/* SPDX-License-Identifier: Apache-2.0 */
/* The tables and views of a study as SQL, for SQLite and for PostgreSQL. */
#ifndef DERM_STUDY_SQL_H
#define DERM_STUDY_SQL_H

#include <stdio.h>

#include "study/layout.h"

/* SQLite: table comparison (a row per record), metric, region and word (names, units, reasons,
 * verdicts: each said once), result (a row per record, metric and region, in numbers only),
 * verdict_tally (parts of the sums that the view verdict_count shows). */
void derm_sql_tables(FILE *out, const struct derm_layout *l);

/* Is a field a column of result? The others are said once, in metric and region. */
bool derm_sql_in_result(enum derm_metric_field field);

/* Is it there the number of a word? */
bool derm_sql_is_word(enum derm_metric_field field);

/* Indices and views, for when the tables are full: measurement (the columns of metrics.csv, and
 * time in seconds since 1970 for Grafana), headline (the main metric of each concern over the
 * whole face or close-up), verdict_count and failure. */
void derm_sql_views(FILE *out);

/* A script for psql: the same from the CSV files beside it. */
void derm_sql_postgres(FILE *out, const struct derm_layout *l);

/* "name", with its quotes doubled. */
void derm_sql_name(FILE *out, const char *name);

#endif
