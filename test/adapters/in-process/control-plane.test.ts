import { describe } from 'vitest';
import { createControlPlane } from '../../../src/adapters/in-process/control-plane.ts';
import { controlPlaneContract } from '../../contract/control-plane.contract.ts';

describe('control plane in process', () => {
  controlPlaneContract(async () => {
    let now = 1_000_000;
    return {
      plane: createControlPlane({ monotonic: () => now }),
      pass: async (ms) => {
        now += ms;
      },
      remove: async () => {},
    };
  });
});
