#!/usr/bin/env bash
# One real Kubernetes node on this machine, in a network and a mount namespace of its own. Needs root, and what build.sh
# and images.sh make.
#   node.sh up                 starts it; 4 s on an idle machine
#   node.sh load IMAGE...      images of the laboratory's storage become the node's
#   node.sh k ARGUMENTS        kubectl
#   node.sh helm ARGUMENTS     helm
#   node.sh in COMMAND         a command in the node's network, where its Services answer
#   node.sh down               ends all of it, and removes what it kept
set -euo pipefail
# shellcheck source=lab.sh
. "$(dirname "$0")/lab.sh"

address=192.168.77.1
kubeconfig=$run/admin.conf
containerd_socket=$run/containerd.sock
parts=(kube-router metrics-server proxy kubelet scheduler controller-manager apiserver etcd containerd)

inside() { nsenter -t "$(cat "$run/namespace.pid")" -n -m "$@"; }
kubectl() { inside "$bin/kubectl" --kubeconfig "$kubeconfig" "$@"; }
alive() { [ -e "$run/$1.pid" ] && kill -0 "$(cat "$run/$1.pid")" 2>/dev/null; }

# start NAME COMMAND: in the namespaces, as a process of its own, with its log in the laboratory.
start() {
  local name=$1
  shift
  alive "$name" && return
  # Not by a function, whose shell would be the process that is remembered.
  nsenter -t "$(cat "$run/namespace.pid")" -n -m setsid nohup "$@" >"$run/log/$name.log" 2>&1 &
  echo $! >"$run/$name.pid"
}

# await NAME COMMAND: until the command succeeds, while the part lives.
await() {
  local name=$1 tries=0
  shift
  until "$@" >/dev/null 2>&1; do
    alive "$name" || fail "$name has ended: $(tail -3 "$run/log/$name.log")"
    tries=$((tries + 1))
    [ $tries -lt 600 ] || fail "$name does not answer: $run/log/$name.log"
    sleep 0.2
  done
}

# Its own network; its own mounts, so that settings of the machine that the kubelet insists on are files of ours.
make_namespaces() {
  alive namespace && return
  mkdir -p "$run"/{pki,log,sysctl,cni}
  rm -f "$run/namespace.ready"
  cat >"$run/namespace.sh" <<SCRIPT
set -e
mount --make-rshared /
pretend() { file=$run/sysctl/\$(echo \$1 | tr / _); echo \$2 >\$file; mount --bind \$file /proc/sys/\$1; }
pretend vm/overcommit_memory 1; pretend vm/panic_on_oom 0; pretend kernel/panic 10; pretend kernel/panic_on_oops 1
pretend kernel/keys/root_maxkeys 1000000; pretend kernel/keys/root_maxbytes 25000000
ip link set lo up; ip link add node0 type veth peer name node1
ip addr add $address/24 dev node0; ip link set node0 up; ip link set node1 up; ip route add default via 192.168.77.2 dev node0
echo 1 >/proc/sys/net/ipv4/ip_forward; touch $run/namespace.ready; exec sleep infinity
SCRIPT
  setsid unshare -n -m --propagation slave bash "$run/namespace.sh" >"$run/log/namespace.log" 2>&1 &
  echo $! >"$run/namespace.pid"
  await namespace test -e "$run/namespace.ready"
}

write_containerd_config() {
  cat >"$run/containerd.toml" <<TOML
version = 3
root = "$run/containerd"
state = "$run/containerd-state"
oom_score = 0
disabled_plugins = ["io.containerd.nri.v1.nri"]
[grpc]
  address = "$containerd_socket"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "localhost/pause:1"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "$run/cni"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      BinaryName = "/usr/sbin/runc"
      SystemdCgroup = false
TOML
  cat >"$run/cni/10-bridge.conflist" <<JSON
{ "cniVersion": "1.0.0", "name": "pods", "plugins": [
  { "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
    "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.244.0.0/24" }]], "routes": [{ "dst": "0.0.0.0/0" }], "dataDir": "$run/ipam" } },
  { "type": "portmap", "capabilities": { "portMappings": true } } ] }
JSON
}

# Keys of service accounts, an authority for the aggregation layer, and a token for each client of the API server.
write_keys() {
  local pki=$run/pki
  [ -e "$pki/tokens.csv" ] && return
  openssl genrsa -out "$pki/sa.key" 2048 2>/dev/null
  openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=front-ca -days 30 -keyout "$pki/front-ca.key" -out "$pki/front-ca.crt" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj /CN=front-proxy -keyout "$pki/front.key" -out "$pki/front.csr" 2>/dev/null
  openssl x509 -req -in "$pki/front.csr" -CA "$pki/front-ca.crt" -CAkey "$pki/front-ca.key" -CAcreateserial -days 30 -out "$pki/front.crt" 2>/dev/null
  write_client admin admin system:masters
  write_client node system:node:n1 system:nodes
  write_client proxy system:kube-proxy system:node-proxier
}

write_client() {
  local token
  token=$(openssl rand -hex 16)
  echo "$token,$2,$1,$3" >>"$run/pki/tokens.csv"
  cat >"$run/$1.conf" <<YAML
apiVersion: v1
kind: Config
clusters: [{ name: lab, cluster: { server: 'https://$address:6443', insecure-skip-tls-verify: true } }]
users: [{ name: me, user: { token: '$token' } }]
contexts: [{ name: lab, context: { cluster: lab, user: me } }]
current-context: lab
YAML
}

write_kubelet_config() {
  echo "nameserver 192.168.77.2" >"$run/resolv.conf"
  cat >"$run/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
failSwapOn: false
cgroupDriver: cgroupfs
enforceNodeAllocatable: []
containerRuntimeEndpoint: unix://$containerd_socket
authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }
authorization: { mode: AlwaysAllow }
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
resolvConf: $run/resolv.conf
oomScoreAdj: 0
podLogsDir: $run/podlogs
volumePluginDir: $run/volumeplugins
imageGCHighThresholdPercent: 100
evictionHard: { memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1% }
maxPods: 60
YAML
}

start_control_plane() {
  local pki=$run/pki
  start etcd etcd --data-dir "$run/etcd" --unsafe-no-fsync
  start apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --bind-address=0.0.0.0 --advertise-address=$address \
    --secure-port=6443 --cert-dir="$pki/api" --service-cluster-ip-range=10.96.0.0/16 --allow-privileged \
    --kubelet-preferred-address-types=InternalIP --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$pki/sa.key" --service-account-signing-key-file="$pki/sa.key" --authorization-mode=Node,RBAC \
    --enable-admission-plugins=NodeRestriction --token-auth-file="$pki/tokens.csv" \
    --requestheader-client-ca-file="$pki/front-ca.crt" --requestheader-allowed-names=front-proxy \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- --proxy-client-cert-file="$pki/front.crt" --proxy-client-key-file="$pki/front.key"
  await apiserver kubectl get --raw /readyz
  start controller-manager kube-controller-manager --kubeconfig="$kubeconfig" --service-account-private-key-file="$pki/sa.key" \
    --root-ca-file="$pki/api/apiserver.crt" --use-service-account-credentials=true --leader-elect=false --bind-address=127.0.0.1 \
    --cert-dir="$pki/kcm" --horizontal-pod-autoscaler-sync-period=5s
  start scheduler kube-scheduler --kubeconfig="$kubeconfig" --leader-elect=false --bind-address=127.0.0.1 --cert-dir="$pki/scheduler"
}

start_node() {
  write_kubelet_config
  start kubelet kubelet --config="$run/kubelet.yaml" --kubeconfig="$run/node.conf" --root-dir="$run/kubelet" --cert-dir="$run/pki/kubelet" \
    --hostname-override=n1 --node-ip=$address --v=2
  start proxy kube-proxy --kubeconfig="$run/proxy.conf" --hostname-override=n1 --proxy-mode=nftables --cluster-cidr=10.244.0.0/16 \
    --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0
  await kubelet sh -c "'$here/node.sh' k get node n1 | grep -q ' Ready'"
}

# Names in the cluster, network policies, and what autoscalers measure.
start_addons() {
  load localhost/coredns:1
  kubectl apply -f "$here/coredns.yaml" -f "$here/metrics-server.yaml" >/dev/null
  start metrics-server metrics-server --kubeconfig="$kubeconfig" --authentication-kubeconfig="$kubeconfig" \
    --authorization-kubeconfig="$kubeconfig" --kubelet-insecure-tls --kubelet-preferred-address-types=InternalIP --secure-port=4443 \
    --cert-dir="$run/pki/metrics-server" --metric-resolution=15s
  NODE_NAME=n1 start kube-router kube-router --kubeconfig="$kubeconfig" --hostname-override=n1 --run-firewall=true --run-router=false \
    --run-service-proxy=false --run-loadbalancer=false --service-cluster-ip-range=10.96.0.0/16 --health-port=0 --metrics-port=0
  kubectl -n kube-system rollout status deployment/coredns --timeout=120s >/dev/null
}

load() {
  local image
  for image in "$@"; do
    podman save --quiet --format docker-archive "$image" | inside ctr -a "$containerd_socket" -n k8s.io images import - >/dev/null
  done
}

up() {
  need podman runc nft iptables ipset openssl nsenter
  cd "$run" 2>/dev/null || mkdir -p "$run"
  make_namespaces
  write_containerd_config
  write_keys
  start containerd containerd --config "$run/containerd.toml"
  await containerd inside ctr -a "$containerd_socket" version
  load localhost/pause:1
  start_control_plane
  start_node
  start_addons
}

down() {
  local name pid task
  alive namespace || fail "there is no node"
  kubectl delete pod -A --all --grace-period=0 --force >/dev/null 2>&1 || true
  for name in kubelet kube-router metrics-server proxy; do alive $name && kill "$(cat "$run/$name.pid")"; done
  inside ctr -a "$containerd_socket" -n k8s.io task ls -q 2>/dev/null | while read -r task; do
    inside ctr -a "$containerd_socket" -n k8s.io task kill -s 9 "$task" 2>/dev/null || true
  done
  for name in "${parts[@]}"; do
    [ -e "$run/$name.pid" ] || continue
    pid=$(cat "$run/$name.pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  done
  pid=$(cat "$run/namespace.pid")
  # Volumes of pods are mounted in the namespace alone, and go with it; what was a shim's is ended by its folder.
  pgrep -f -- "-address $containerd_socket" | while read -r shim; do kill -9 "$shim" 2>/dev/null || true; done
  kill "$pid"
  sleep 0.5
  if mount | grep -q "$run"; then mount | awk -v run="$run" 'index($3, run) == 1 { print $3 }' | sort -r | xargs -r umount; fi
  rm -rf "$run"
}

case ${1:-} in
  up) up ;;
  load) load "${@:2}" ;;
  k) kubectl "${@:2}" ;;
  helm) inside "$bin/helm" --kubeconfig "$kubeconfig" "${@:2}" ;;
  in) inside "${@:2}" ;;
  socket) echo "$containerd_socket" ;;
  down) down ;;
  *) fail "node.sh takes up, load, k, helm, in or down" ;;
esac
