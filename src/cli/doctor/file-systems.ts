/** Magic numbers of Linux (`statfs(2)`, `linux/magic.h`): there SQLite's locks and its shared memory are not to be relied on. */
const NETWORK: Record<number, string> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB 2',
  1702057286: 'FUSE (sshfs and its like)',
  16914839: '9p',
  1397113167: 'AFS',
  12805120: 'Ceph',
  428016422: 'a cluster file system',
};

/** @param type As `statfs` tells it on Linux. @returns its name where it is one that lies across a network. */
export const networkFileSystem = (type: number, platform: NodeJS.Platform): string | undefined =>
  platform === 'linux' ? NETWORK[type >>> 0] : undefined;
