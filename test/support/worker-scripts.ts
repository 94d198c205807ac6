/** A worker of a pool: it is ready at once and answers `n` as `text` says, in which `answer` posts the result. */
export function workerAnswering(text: string): URL {
  return moduleUrl(`
    import { parentPort } from 'node:worker_threads';
    const answer = (output) => parentPort.postMessage(output);
    parentPort.on('message', (n) => { ${text} });
    parentPort.postMessage('ready');`);
}

export function moduleUrl(text: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}
