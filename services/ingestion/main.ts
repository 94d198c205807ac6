import { runService } from '../wiring/run-service.ts';
import { startIngestion } from './ingestion.ts';

await runService({
  name: 'ingestion',
  summary: 'Turns results of calculations into labels, or rejections that name the calculation.',
  groups: ({ results }) => ({ ingestion: [results.name] }),
  start: ({ ports }) => startIngestion(ports),
});
