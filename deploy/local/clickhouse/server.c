/* ClickHouse's own server, built from libchdb: runs its command line, whose statements open the HTTP interface. */
#include <stdio.h>
#include <sys/prctl.h>
#include <signal.h>

typedef struct chdb_result chdb_result;
extern chdb_result *chdb_query_cmdline(int argc, char **argv);
extern const char *chdb_result_error(chdb_result *result);

int main(int argc, char **argv) {
  /* Ends together with the process that started it. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  chdb_result *result = chdb_query_cmdline(argc, argv);
  const char *error = result ? chdb_result_error(result) : "no result";
  if (error) fprintf(stderr, "%s\n", error);
  return error != NULL;
}
