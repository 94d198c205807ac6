// Prints the path of what images.sh needs: `kafka`, the folder of a broker's jars, or `nats`, the server's program.
import { provideBrokerJars } from '../local/kafka/broker-jars.ts';
import { provideNatsServer } from '../local/nats/nats-server-binary.ts';

const path = process.argv.includes('nats') ? await provideNatsServer() : await provideBrokerJars();
process.stdout.write(`${path}\n`);
