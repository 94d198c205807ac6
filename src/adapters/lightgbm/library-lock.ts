import type { LockedWheel } from './locked-wheel.ts';

export const LIGHTGBM_VERSION = '4.7.0';
const requirement = `lightgbm==${LIGHTGBM_VERSION}`;

/** The wheels of lightgbm 4.7.0 by `process.platform` and `process.arch`. The hashes are those of the files on PyPI. */
export const LOCKED_WHEELS: Readonly<Record<string, LockedWheel>> = {
  'linux-x64': {
    requirement,
    pipPlatform: 'manylinux_2_28_x86_64',
    wheelSha256: 'd23e922acd891e77212e4d0fbcee9ba973c96dee479491341d05ba595357ebb7',
    member: 'lightgbm/lib/lib_lightgbm.so',
    memberSha256: '573d57e8a2c6290c2271b99b87afa7a802e796eafc9e8d66aefa0913cbc1616a',
  },
  'linux-arm64': {
    requirement,
    pipPlatform: 'manylinux2014_aarch64',
    wheelSha256: 'd4529acec5c6fefe4768302a529707d0ead90f6a6f42df694b856212e09695b8',
    member: 'lightgbm/lib/lib_lightgbm.so',
    memberSha256: '05ec49bad350009b9debd36769ef1cced2132cd93abfe3fe0b8aa116c4388052',
  },
  'darwin-arm64': {
    requirement,
    pipPlatform: 'macosx_12_0_arm64',
    wheelSha256: '129535462686f274df179133643118c5c5c5667167fe6c3a28d955f0b3c8e868',
    member: 'lightgbm/lib/lib_lightgbm.dylib',
    memberSha256: 'bc392db609d97730a9ed2acec7a56529b356c03dfad39bebf689523fed7dff18',
  },
  'darwin-x64': {
    requirement,
    pipPlatform: 'macosx_10_15_x86_64',
    wheelSha256: 'dfc1cfe8e760387be1e7ba7a214688be21fdff96e4ed9749188f83e1877c2477',
    member: 'lightgbm/lib/lib_lightgbm.dylib',
    memberSha256: 'a1ed021c00bffbc3fdf8e18944a9ae89b26bf299d81976a35680fec3e1bb7ac5',
  },
  'win32-x64': {
    requirement,
    pipPlatform: 'win_amd64',
    wheelSha256: 'f42d1e5b32b6f170e606d7c689c6165671da98d7bf37f1addec2623efc8740c9',
    member: 'lightgbm/bin/lib_lightgbm.dll',
    memberSha256: '5a0579e0b176e57d045d3603f3f479af3c70412702c0fb5b281a6d4f7dc36f33',
  },
};
