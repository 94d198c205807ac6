#!/bin/sh
# Collects the image's files in a folder: Node, the program, LightGBM, and the libraries that these are linked to.
# Runs in the Dockerfile's build stage.
set -eu
root=$1
mkdir -p "$root/usr/local/bin" "$root/opt/elastream" "$root/etc/ssl/certs" "$root/var/cache" "$root/tmp"
chmod 1777 "$root/tmp"

cp "$(command -v node)" "$root/usr/local/bin/node"
cp -r dist protos node_modules package.json LICENSE NOTICE sbom.cdx.json "$root/opt/elastream/"
cp -r /cache "$root/var/cache/elastream-libraries"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo 'node:x:1000:1000::/tmp:/sbin/nologin' >"$root/etc/passwd"
echo 'node:x:1000:' >"$root/etc/group"

# Only needed to compile against them or to read them.
find "$root/opt/elastream/node_modules" \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' \
  -o -name '*.md' -o -name '*.ts' -o -name '*.flow' \) ! -iname 'licen[cs]e*' -type f -delete
find "$root/opt/elastream/node_modules" -type d \( -name test -o -name tests -o -name docs \) -prune -exec rm -rf {} +
find "$root/opt/elastream/node_modules" -type d -path '*@types*' -prune -exec rm -rf {} +

# The libraries at the places where the loader looks for them; links become files.
{
  find "$root" -type f \( -name '*.so' -o -name '*.node' \) -exec ldd {} + 2>/dev/null
  ldd "$root/usr/local/bin/node"
} | awk '/\(0x/ { print $2 == "=>" ? $3 : $1 }' | sort -u | while read -r library; do
  case $library in
    "$root"/*) continue ;;
    /*) ;;
    *) continue ;;
  esac
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
