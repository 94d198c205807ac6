# shellcheck shell=bash
# Where the laboratory keeps things; sourced by its scripts. KUBERNETES_LAB is a folder with room for 25 GB.
lab=${KUBERNETES_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/kubernetes-lab}
bin=$lab/bin
run=$lab/run
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/../.." && pwd)
mkdir -p "$bin" "$run"
export PATH=$bin:$PATH

# The engine keeps its images in the laboratory, and nothing of the machine's own settings is changed.
export CONTAINERS_CONF=$lab/containers.conf CONTAINERS_STORAGE_CONF=$lab/storage.conf
[ -e "$CONTAINERS_CONF" ] || cat >"$CONTAINERS_CONF" <<CONF
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
[network]
network_backend = "netavark"
CONF
[ -e "$CONTAINERS_STORAGE_CONF" ] || cat >"$CONTAINERS_STORAGE_CONF" <<CONF
[storage]
driver = "overlay"
graphroot = "$lab/storage"
runroot = "$lab/storage-run"
CONF

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}
need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || fail "$program is missing: apt-get install --no-install-recommends podman runc debootstrap containernetworking-plugins iptables nftables ipset netavark gcc libc6-dev openjdk-17-jre-headless maven"
  done
}
