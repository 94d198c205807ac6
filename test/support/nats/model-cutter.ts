import { connect, headers } from 'nats';

export interface ModelCutter {
  /** How many chunks of models it has cut so far. */
  readonly cut: number;
  stop(): Promise<void>;
}

const OWN = 'Cut';

/** Leaves half of every model as soon as it is stored, like a disk that was full or a write that did not end. */
export async function startModelCutter(natsUrl: string): Promise<ModelCutter> {
  const connection = await connect({ servers: natsUrl });
  const mark = headers();
  mark.set(OWN, 'yes');
  let cut = 0;
  connection.subscribe('$KV.elastream-models.*.0', {
    callback(_, { subject, data, headers: given }) {
      if (given?.has(OWN)) return;
      cut++;
      connection.publish(subject, data.slice(0, data.length / 2), { headers: mark });
    },
  });
  await connection.flush();
  return {
    get cut() {
      return cut;
    },
    stop: () => connection.drain(),
  };
}
