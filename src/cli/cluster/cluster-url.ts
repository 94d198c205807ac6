/** Whether a place is a cluster's gateway, and not a directory. */
export function isClusterUrl(place: string): boolean {
  return /^grpcs?:\/\//.test(place);
}

/** How a place is named on a command line. */
export function placeArgument(place: string): string {
  return isClusterUrl(place) ? `--cluster ${place}` : `--dir ${place}`;
}
