// The memory that long responses of one broker lie in, used again once nobody needs what is in it: kafkajs
// asks for the next Fetch when it is done with the last, so that one piece will do. Memory comes back only
// when all its parts were lent and all are done with; where one is not, the garbage collector has it.

interface Loan {
  /** Parts of it that somebody is at work with. */
  parts: number;
  readonly giveBack: () => void;
}

/** Shorter ones are as they are: it would take longer to keep them. */
const shortOctets = 2 ** 16;
/** Responses differ a little in length: what is new has room for more. */
const stepOctets = 2 ** 20;

const loanOf = new WeakMap<ArrayBufferLike, Loan>();
const loanOfPart = new WeakMap<object, Loan>();

export class ResponseMemory {
  #spare: Buffer | undefined;

  /** This many octets, with anything in them. */
  take(octets: number): Buffer {
    if (octets < shortOctets) return Buffer.allocUnsafe(octets);
    let memory = this.#spare;
    this.#spare = undefined;
    if (!memory || memory.length < octets) {
      memory = Buffer.allocUnsafeSlow(Math.ceil(octets / stepOctets) * stepOctets);
    }
    loanOf.set(memory.buffer, { parts: 0, giveBack: this.#giveBack(memory) });
    return memory.subarray(0, octets);
  }

  #giveBack(memory: Buffer): () => void {
    return () => {
      this.#spare = memory;
    };
  }
}

/** Somebody begins to work with `octets`, and says by `part` when it is done. */
export function lend(octets: Buffer, part: object): void {
  const loan = loanOf.get(octets.buffer);
  if (!loan) return;
  loan.parts += 1;
  loanOfPart.set(part, loan);
}

/** Nobody looks at the part's octets any more. */
export function doneWith(part: object): void {
  const loan = loanOfPart.get(part);
  if (!loan) return;
  loanOfPart.delete(part);
  loan.parts -= 1;
  if (loan.parts === 0) loan.giveBack();
}
