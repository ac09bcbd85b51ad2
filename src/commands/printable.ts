// Text from elsewhere, for a terminal.

/** What came from elsewhere must not steer the terminal. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
