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
version=$(sed -n 's|^\tk8s.io/kubernetes v\([0-9.]*\).*|\1|p' "$here/modules/tools/go.mod")
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

# build MODULE PROGRAM=PACKAGE... [-- FLAGS]: a program that is there is not built again.
build() {
  local module=$1 program package
  shift
  for pair in "$@"; do
    program=${pair%%=*} package=${pair#*=}
    [ -x "$bin/$program" ] && continue
    say "building $program"
    (cd "$here/modules/$module" && go build -p 2 -trimpath -ldflags "$stamps" ${tags:+-tags "$tags"} -o "$bin/$program" "$package")
  done
}

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
