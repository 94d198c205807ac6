#!/usr/bin/env bash
# Builds a Kubernetes node's programs from the Go module proxy into the laboratory, once per machine: about 1,200 s of
# CPU, 2.7 GB of memory, 15 GB of caches. What is there already is left alone.
#   build.sh            everything of the node
#   build.sh helm       helm alone
set -euo pipefail
# shellcheck source=lab.sh
. "$(dirname "$0")/lab.sh"
need go

export GOFLAGS=-buildvcs=false CGO_ENABLED=0
version=1.37.2
minor=${version#*.}
minor=${minor%%.*}
# Without them helm takes the cluster for Kubernetes 1.20, and the node's parts for no version at all.
stamps="-s -w"
for variable in k8s.io/component-base/version.git k8s.io/client-go/pkg/version.git; do
  stamps="$stamps -X ${variable}Version=v$version -X ${variable}Major=1 -X ${variable}Minor=$minor"
done
for variable in helm.sh/helm/v3/pkg/chartutil helm.sh/helm/v3/pkg/lint/rules; do
  stamps="$stamps -X $variable.k8sVersionMajor=1 -X $variable.k8sVersionMinor=$minor"
done

# module NAME MODULE@VERSION...: a Go module of the laboratory that requires these, and the least of all else that they need.
module() {
  local folder=$lab/modules/$1
  shift
  [ -e "$folder/done" ] && return
  rm -rf "$folder"
  mkdir -p "$folder"
  (
    cd "$folder"
    go mod init laboratory
    case "$*" in *k8s.io/kubernetes@*) replace_staging ;; esac
    go get "$@"
  ) >&2
  touch "$folder/done"
}

# Kubernetes names its own parts without a version: they are released beside it, as v0 of the same numbers.
replace_staging() {
  local file part
  file=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's|.*"GoMod": "\(.*\)".*|\1|p')
  sed -n 's|.*=> ./staging/src/\(k8s.io/[a-z-]*\)$|\1|p' "$file" | while read -r part; do
    go mod edit -replace "$part=$part@v0.${version#*.}"
  done
}

# build MODULE PROGRAM=PACKAGE...: a program that is there is not built again.
build() {
  local module=$1 program package
  shift
  for pair in "$@"; do
    program=${pair%%=*} package=${pair#*=}
    [ -x "$bin/$program" ] && continue
    say "building $program"
    "${module}_module"
    (cd "$lab/modules/$module" && go build -mod=mod -p 2 -trimpath -ldflags "$stamps" ${tags:+-tags "$tags"} -o "$bin/$program" "$package")
  done
}

tools_module() {
  module tools "k8s.io/kubernetes@v$version" go.etcd.io/etcd/server/v3@v3.7.3 helm.sh/helm/v3@v3.22.0 github.com/yannh/kubeconform@v0.8.0
}
ct_module() { module ct github.com/containerd/containerd/v2@v2.4.2; }
dns_module() { module dns github.com/coredns/coredns@v1.15.0; }
kr_module() { module kr github.com/cloudnativelabs/kube-router/v2@v2.1.0; }
ms_module() { module ms sigs.k8s.io/metrics-server@v0.8.0; }

node_programs() {
  local kubernetes=k8s.io/kubernetes/cmd containerd=github.com/containerd/containerd/v2/cmd name
  for name in kubelet kube-apiserver kube-controller-manager kube-scheduler kubectl kube-proxy; do
    build tools "$name=$kubernetes/$name"
  done
  build tools etcd=go.etcd.io/etcd/server/v3
  for name in containerd ctr containerd-shim-runc-v2; do
    tags=no_btrfs,no_zfs,no_aufs,no_devmapper build ct "$name=$containerd/$name"
  done
  build dns coredns=github.com/coredns/coredns
  build kr kube-router=github.com/cloudnativelabs/kube-router/v2/cmd/kube-router
  build ms metrics-server=sigs.k8s.io/metrics-server/cmd/metrics-server
}

case ${1:-all} in
  helm) build tools helm=helm.sh/helm/v3/cmd/helm ;;
  kubeconform) build tools kubeconform=github.com/yannh/kubeconform/cmd/kubeconform ;;
  all)
    node_programs
    build tools helm=helm.sh/helm/v3/cmd/helm
    ;;
  *) fail "build.sh takes nothing, helm or kubeconform, not $1" ;;
esac
