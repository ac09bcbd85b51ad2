// What the process says to its supervisor when it ends: sysexits(3).

export const exitCode = {
  ok: 0,
  /** EX_DATAERR: stopped at an event that cannot be exported, or a file that is not what it should be. */
  badEvent: 65,
  /** EX_SOFTWARE: a fault of our own, or one that leaves no way on. */
  software: 70,
  /** EX_IOERR: data could not be written, all or in part. */
  io: 74,
  /** EX_TEMPFAIL: ended with something unsettled or uncommitted; it comes again. */
  temporary: 75,
  /** EX_CONFIG: nothing was connected to. */
  config: 78,
  /** 128 + SIGPIPE, as shells have it: whoever read the output left first. */
  brokenPipe: 141,
} as const;
