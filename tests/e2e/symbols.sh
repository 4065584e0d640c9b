#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# symbols.sh LIBRARY HEADER...: the library exports the functions of the headers and nothing else.
set -euo pipefail
library=$1
shift
exported=$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | sed 's/@.*//' | sort)
declared=$(grep -ho 'DERM_API [a-z_ *]*\bderm_[a-z_]*(' "$@" | grep -o 'derm_[a-z_]*(' | tr -d '(' | sort)
diff <(echo "$declared") <(echo "$exported") || { echo "declared (<) and exported (>) differ"; exit 1; }
echo "$(echo "$exported" | wc -l) symbols exported, all declared"
