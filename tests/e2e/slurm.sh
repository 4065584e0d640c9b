#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# slurm.sh PROGRAM: a Slurm of two virtual nodes on the loopback interface runs what `submit slurm`
# prints; one node dies in the middle, and the tables are still those of a single machine.
# What Slurm says of its jobs decides nothing here: its codes are not to be trusted.
set -euo pipefail
program=$(realpath "$1")
root=$(realpath "$(dirname "$0")/../..")
export PATH=$PATH:/usr/sbin
for needed in munged slurmctld slurmd sbatch; do
    command -v "$needed" >/dev/null ||
        { echo "skipped: $needed is not installed (Debian: slurm-wlm, munge)"; exit 77; }
done
[ -d "$root/../shared/data/faces" ] || { echo "skipped: no photos in ../shared/data"; exit 77; }

folder=$(mktemp -d)
chmod 755 "$folder" # munged asks for it
export SLURM_CONF=$folder/slurm.conf

# Processes that run in this Slurm; with an argument, those of that node.
tasks() {
    local found
    mapfile -t found < <(grep -lzFx "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ 2>/dev/null)
    [ $# = 0 ] || mapfile -t found < <(grep -lzFx "SLURMD_NODENAME=$1" /dev/null "${found[@]}" 2>/dev/null)
    printf '%s\n' "${found[@]}" | cut -d/ -f3
}
parents() { for pid in "$@"; do awk '{ print $4 }' "/proc/$pid/stat" 2>/dev/null || true; done; }
is_step() { grep -qx 'slurmstepd' "/proc/$1/comm" 2>/dev/null; }
kill_node() { # with its step daemons and all that runs on it, and no word to anybody
    local running step
    running=$(tasks "$1")
    for step in $(parents $running | sort -u); do
        if is_step "$step"; then running="$step $running"; fi
    done
    kill -9 "$(cat "$folder/$1.pid")" $running 2>/dev/null || true
}
stop() {
    local daemon
    kill_node n1
    kill_node n2
    for daemon in slurmctld munged; do
        kill -9 "$(cat "$folder/$daemon.pid")" || true
    done 2>/dev/null
    kill -9 $(tasks) 2>/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' INT TERM

fail() {
    echo "FAILED: $*"
    squeue -r || true
    tail -n 15 "$folder"/*.log || true
    exit 1
}
wait_for() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || fail "waited in vain for: $*"
        sleep 0.2
    done
}

/usr/bin/python3 - "$root/../shared/data" "$folder" <<'EOF_PYTHON'
"""Cheeks of neutral and smiling faces: small, so that the test is short, but no task is over before
its node can be killed."""
import csv, os, sys
from PIL import Image
data, folder = sys.argv[1:]
with open(f"{data}/faces/frll/people.csv", encoding="utf-8") as file:
    people = [row for row in csv.DictReader(file) if row["smiling"]][:16]
with open(f"{folder}/study.csv", "w", newline="", encoding="utf-8") as file:
    table = csv.writer(file)
    table.writerow(["subject", "visit", "date", "view", "path", "px_per_mm"])
    for person in people:
        for month, visit in enumerate(["neutral", "smiling"], 1):
            path = f"{person['face_id']}-{visit}.png"
            photo = Image.open(f"{data}/faces/frll/{person[visit]}")
            cheek = photo.crop((330, 640, 570, 880)).resize((720, 720), Image.BICUBIC)
            cheek.save(os.path.join(folder, path))
            table.writerow([person["face_id"], visit, f"2026-{month:02}-01", "cheek", path, 24])
EOF_PYTHON

port=$((20000 + $$ % 20000))
cat >"$SLURM_CONF" <<EOF_CONF
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort=$port
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$folder/completed.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
ReturnToService=2
MpiDefault=none
SlurmdTimeout=6
NodeName=n[1-2] NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 2))] CPUs=1
PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
EOF_CONF
mkdir "$folder/state"
(umask 077 && head -c 1024 /dev/urandom >"$folder/munge.key")
munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" \
    --seed-file="$folder/munged.seed"
slurmctld
slurmd -N n1
slurmd -N n2
idle() { [ "$(sinfo -h -N -t idle -o %N 2>/dev/null | sort -u | tr '\n' ' ')" = "n1 n2 " ]; }
wait_for 60 idle

cd "$folder"
study=(study.csv --site body --threads 1)
"$program" submit slurm "${study[@]}" --out cluster --shards 4 >submit.sh
sh submit.sh --output="$folder/job-%j.log"
records() { ls cluster/records/*/*.json 2>/dev/null | wc -l; }
works_on_n2() {
    [ -e cluster/tables/study.sqlite ] || { [ -n "$(tasks n2)" ] && [ "$(records)" -gt 0 ]; }
}
wait_for 120 works_on_n2
kill_node n2
killed=$SECONDS
echo "killed n2 after $killed s, with $(records) records there"

held() { squeue -h -r -t PENDING -o '%i %r' | awk '$2 == "BeginTime" { print $1 }'; }
requeued=
merged() { # a task of a dead node is held for two minutes; here it need not be
    local task
    for task in $(held); do
        requeued=$task
        scontrol update JobId="$task" StartTime=now || true
    done
    [ -e cluster/tables/study.sqlite ]
}
wait_for 300 merged
[ -n "$requeued" ] || { echo "skipped: the tasks ended before the node died"; exit 77; }
echo "task $requeued was requeued; merged $((SECONDS - killed)) s after the node died"

"$program" batch "${study[@]}" --out alone --progress json 2>/dev/null
"$program" merge alone >/dev/null
without_run() { sed 's/,"run":.*//' "$1/tables/comparisons.ndjson"; }
[ "$(wc -l <alone/tables/comparisons.ndjson)" -eq 16 ] || fail "not sixteen records"
cmp <(without_run alone) <(without_run cluster) || fail "the records differ"
for table in metrics.csv data_dictionary.csv postgres.sql; do
    cmp "alone/tables/$table" "cluster/tables/$table" || fail "$table differs"
done
echo "16 records of 4 shards equal those of a single machine ($SECONDS s)"
