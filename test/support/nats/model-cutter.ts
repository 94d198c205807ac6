import { connect, headers } from 'nats';

export interface ModelCutter {
  /** The number of chunks of models that it has cut so far. */
  readonly cut: number;
  stop(): Promise<void>;
}

const OWN = 'Cut';

/** Cuts every model in half as soon as it is stored, as a full disk or an unfinished write would. */
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
