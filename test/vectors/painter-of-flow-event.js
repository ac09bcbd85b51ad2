// The function that paints the events of schemas/flow-event.avsc, as it is generated. Its names are listed in
// src/pipeline/painting/compiled/field-code.ts. Made by: npm run generate:painter

export function painterOfFlowEvent() {
  'use strict';
  return function paint(delivery, { bytes, input, base, endMax }, datum, to, progress, discards) {
    const { starts, ends, offsets } = delivery;
    let b = 0,
      h = 0,
      t = 0;
    for (; datum < to; datum += 1) {
      let at = starts[datum] - base;
      const end = ends[datum] - base;
      if (at < 0 || end > endMax) return datum;
      event.datum = datum;
      let v0 = 0,
        u0 = 0;
      let c1 = 1;
      let y1 = 0;
      let n1 = 0,
        p1 = 0;
      let c2 = 1;
      let y2 = 0;
      let n2 = 0,
        p2 = 0;
      let v3 = 0;
      let v4 = 0;
      let v5 = 0;
      let v6 = 0,
        u6 = 0;
      let v7 = 0,
        u7 = 0;
      let v8 = 0,
        u8 = 0;
      let v9 = 0,
        u9 = 0;
      let v10 = 0;
      let v11 = 0;
      let v12 = 0;
      let v13 = 0;
      let v14 = 0;
      let v15 = 0;
      let v16 = 0;
      let c17 = 1;
      let v17 = 0;
      let c18 = 1;
      let v18 = 0;
      let c19 = 0;
      let v19 = 0;
      let c20 = 0;
      let n20 = 0,
        p20 = 0;
      let c21 = 0;
      let n21 = 0,
        p21 = 0;
      let c22 = 0;
      let n22 = 0,
        p22 = 0;
      let c23 = 0;
      let v23 = 0;
      let c24 = 0;
      let v24 = 0;
      let c25 = 0;
      let n25 = 0,
        p25 = 0;
      let c26 = 0;
      let v26 = 0;

      let n27 = 0,
        p27 = 0;

      x0: {
        b = bytes[at++];
        if (b >= 128) {
          b = (b & 127) | (bytes[at++] << 7);
          if (b >= 16384) {
            b = (b & 16383) | (bytes[at++] << 14);
            if (b >= 2097152) {
              b = (b & 2097151) | (bytes[at++] << 21);
            }
          }
        }
        if (b < 268435456) h = 0;
        else {
          b &= 268435455;
          h = bytes[at++];
          if (h >= 128) {
            h = (h & 127) | (bytes[at++] << 7);
            if (h >= 16384) {
              h = (h & 16383) | (bytes[at++] << 14);
              if (h >= 2097152) {
                h = (h & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (h >= 268435456) return datum;
        }
        if ((b & 1) !== 0) return datum;
        v0 = b;
        u0 = h;
      }
      x1: {
        b = bytes[at++];
        if (b >= 0x80) {
          b = (b & 0x7f) | (bytes[at++] << 7);
          if (b >= 0x4000) b = (b & 0x3fff) | (bytes[at++] << 14);
          if (b >= 0x200000) return datum;
        }
        if ((b & 1) !== 0) return datum;
        t = b >>> 1;
        if (t > end - at || t > 1048576) return datum;
        n1 = t;
        p1 = at;
        at += t;
        if (n1 === 16 && isMapped(bytes, p1)) {
          p1 += 12;
          n1 = 4;
        }
        if (n1 === 4) c1 = 1;
        else if (n1 === 16) c1 = 2;
        else return datum;
        y1 = c1;
      }
      x2: {
        b = bytes[at++];
        if (b >= 0x80) {
          b = (b & 0x7f) | (bytes[at++] << 7);
          if (b >= 0x4000) b = (b & 0x3fff) | (bytes[at++] << 14);
          if (b >= 0x200000) return datum;
        }
        if ((b & 1) !== 0) return datum;
        t = b >>> 1;
        if (t > end - at || t > 1048576) return datum;
        n2 = t;
        p2 = at;
        at += t;
        if (n2 === 16 && isMapped(bytes, p2)) {
          p2 += 12;
          n2 = 4;
        }
        if (n2 === 4) c2 = 1;
        else if (n2 === 16) c2 = 2;
        else return datum;
        y2 = c2;
      }
      x3: {
        b = bytes[at++];
        if (b >= 128) {
          b = (b & 127) | (bytes[at++] << 7);
          if (b >= 16384) {
            b = (b & 16383) | (bytes[at++] << 14);
            if (b >= 2097152) {
              b = (b & 2097151) | (bytes[at++] << 21);
            }
          }
        }
        if (b < 268435456) {
          t = (b >>> 1) ^ -(b & 1);
        } else {
          b &= 268435455;
          h = bytes[at++];
          if (h > 15) return datum;
          t = h * 268435456 + b;
          t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
        }
        if (!(t >= 0 && t <= 65535)) return datum;
        v3 = t;
      }
      x4: {
        b = bytes[at++];
        if (b >= 128) {
          b = (b & 127) | (bytes[at++] << 7);
          if (b >= 16384) {
            b = (b & 16383) | (bytes[at++] << 14);
            if (b >= 2097152) {
              b = (b & 2097151) | (bytes[at++] << 21);
            }
          }
        }
        if (b < 268435456) {
          t = (b >>> 1) ^ -(b & 1);
        } else {
          b &= 268435455;
          h = bytes[at++];
          if (h > 15) return datum;
          t = h * 268435456 + b;
          t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
        }
        if (!(t >= 0 && t <= 65535)) return datum;
        v4 = t;
      }
      x5: {
        b = bytes[at++];
        if (b >= 128) {
          b = (b & 127) | (bytes[at++] << 7);
          if (b >= 16384) {
            b = (b & 16383) | (bytes[at++] << 14);
            if (b >= 2097152) {
              b = (b & 2097151) | (bytes[at++] << 21);
            }
          }
        }
        if (b < 268435456) {
          t = (b >>> 1) ^ -(b & 1);
        } else {
          b &= 268435455;
          h = bytes[at++];
          if (h > 15) return datum;
          t = h * 268435456 + b;
          t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
        }
        if (!(t >= 0 && t <= 255)) return datum;
        v5 = t;
      }
      x6: {
        b = bytes[at++];
        if (b >= 128) {
          b = (b & 127) | (bytes[at++] << 7);
          if (b >= 16384) {
            b = (b & 16383) | (bytes[at++] << 14);
            if (b >= 2097152) {
              b = (b & 2097151) | (bytes[at++] << 21);
            }
          }
        }
        if (b < 268435456) h = 0;
        else {
          b &= 268435455;
          h = bytes[at++];
          if (h >= 128) {
            h = (h & 127) | (bytes[at++] << 7);
            if (h >= 16384) {
              h = (h & 16383) | (bytes[at++] << 14);
              if (h >= 2097152) {
                h = (h & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (h >= 268435456) return datum;
        }
        if ((b & 1) !== 0) return datum;
        v6 = b;
        u6 = h;
      }
      x7: {
        b = bytes[at++];
        if (b >= 128) {
          b = (b & 127) | (bytes[at++] << 7);
          if (b >= 16384) {
            b = (b & 16383) | (bytes[at++] << 14);
            if (b >= 2097152) {
              b = (b & 2097151) | (bytes[at++] << 21);
            }
          }
        }
        if (b < 268435456) h = 0;
        else {
          b &= 268435455;
          h = bytes[at++];
          if (h >= 128) {
            h = (h & 127) | (bytes[at++] << 7);
            if (h >= 16384) {
              h = (h & 16383) | (bytes[at++] << 14);
              if (h >= 2097152) {
                h = (h & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (h >= 268435456) return datum;
        }
        if ((b & 1) !== 0) return datum;
        v7 = b;
        u7 = h;
      }
      x8: {
        b = input.getInt32(at, true);
        h = input.getUint16(at + 4, true);
        if ((b & -2139062144) === -2139062144 && (h & 0x8080) === 0x80) {
          b = (b & 0x7f) | ((b >>> 1) & 0x3f80) | ((b >>> 2) & 0x1fc000) | ((b >>> 3) & 0xfe00000);
          h = (h & 0x7f) | ((h >>> 1) & 0x3f80);
          at += 6;
          if ((b & 1) !== 0) return datum;
        } else {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) h = 0;
          else {
            b &= 268435455;
            h = bytes[at++];
            if (h >= 128) {
              h = (h & 127) | (bytes[at++] << 7);
              if (h >= 16384) {
                h = (h & 16383) | (bytes[at++] << 14);
                if (h >= 2097152) {
                  h = (h & 2097151) | (bytes[at++] << 21);
                }
              }
            }
            if (h >= 268435456) return datum;
          }
          if ((b & 1) !== 0) return datum;
        }
        v8 = b;
        u8 = h;
      }
      x9: {
        b = input.getInt32(at, true);
        h = input.getUint16(at + 4, true);
        if ((b & -2139062144) === -2139062144 && (h & 0x8080) === 0x80) {
          b = (b & 0x7f) | ((b >>> 1) & 0x3f80) | ((b >>> 2) & 0x1fc000) | ((b >>> 3) & 0xfe00000);
          h = (h & 0x7f) | ((h >>> 1) & 0x3f80);
          at += 6;
          if ((b & 1) !== 0) return datum;
        } else {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) h = 0;
          else {
            b &= 268435455;
            h = bytes[at++];
            if (h >= 128) {
              h = (h & 127) | (bytes[at++] << 7);
              if (h >= 16384) {
                h = (h & 16383) | (bytes[at++] << 14);
                if (h >= 2097152) {
                  h = (h & 2097151) | (bytes[at++] << 21);
                }
              }
            }
            if (h >= 268435456) return datum;
          }
          if ((b & 1) !== 0) return datum;
        }
        v9 = b;
        u9 = h;
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x10: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h > 15) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 65535)) return datum;
          v10 = t;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x11: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h > 15) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 255)) return datum;
          v11 = t;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x12: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h >= 128) {
              h = (h & 127) | (bytes[at++] << 7);
              if (h >= 16384) {
                h = (h & 16383) | (bytes[at++] << 14);
                if (h >= 2097152) {
                  h = (h & 2097151) | (bytes[at++] << 21);
                }
              }
            }
            if (h >= 33554432) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 4294967295)) return datum;
          v12 = t;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x13: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h >= 128) {
              h = (h & 127) | (bytes[at++] << 7);
              if (h >= 16384) {
                h = (h & 16383) | (bytes[at++] << 14);
                if (h >= 2097152) {
                  h = (h & 2097151) | (bytes[at++] << 21);
                }
              }
            }
            if (h >= 33554432) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 4294967295)) return datum;
          v13 = t;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x14: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h > 15) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 65535)) return datum;
          v14 = t;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x15: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h >= 128) {
              h = (h & 127) | (bytes[at++] << 7);
              if (h >= 16384) {
                h = (h & 16383) | (bytes[at++] << 14);
                if (h >= 2097152) {
                  h = (h & 2097151) | (bytes[at++] << 21);
                }
              }
            }
            if (h >= 33554432) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 4294967295)) return datum;
          v15 = t;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x16: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h >= 128) {
              h = (h & 127) | (bytes[at++] << 7);
              if (h >= 16384) {
                h = (h & 16383) | (bytes[at++] << 14);
                if (h >= 2097152) {
                  h = (h & 2097151) | (bytes[at++] << 21);
                }
              }
            }
            if (h >= 33554432) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 4294967295)) return datum;
          v16 = t;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x17: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h > 15) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 128)) return datum;
          v17 = t;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x18: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h > 15) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 128)) return datum;
          v18 = t;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x19: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h > 15) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 65535)) return datum;
          v19 = t;
          c19 = 1;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x20: {
          t = 6;
          if (t > end - at) return datum;
          n20 = t;
          p20 = at;
          at += t;
          if (n20 !== 6) return datum;
          c20 = 1;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x21: {
          t = 6;
          if (t > end - at) return datum;
          n21 = t;
          p21 = at;
          at += t;
          if (n21 !== 6) return datum;
          c21 = 1;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x22: {
          b = bytes[at++];
          if (b >= 0x80) {
            b = (b & 0x7f) | (bytes[at++] << 7);
            if (b >= 0x4000) b = (b & 0x3fff) | (bytes[at++] << 14);
            if (b >= 0x200000) return datum;
          }
          if ((b & 1) !== 0) return datum;
          t = b >>> 1;
          if (t > end - at || t > 1048576) return datum;
          n22 = t;
          p22 = at;
          at += t;
          if (n22 === 16 && isMapped(bytes, p22)) {
            p22 += 12;
            n22 = 4;
          }
          if (n22 === 4) c22 = 1;
          else if (n22 === 16) c22 = 2;
          else return datum;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x23: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h > 15) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 255)) return datum;
          v23 = t;
          c23 = 1;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x24: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h > 15) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (!(t >= 0 && t <= 255)) return datum;
          v24 = t;
          c24 = 1;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x25: {
          b = bytes[at++];
          if (b >= 0x80) {
            b = (b & 0x7f) | (bytes[at++] << 7);
            if (b >= 0x4000) b = (b & 0x3fff) | (bytes[at++] << 14);
            if (b >= 0x200000) return datum;
          }
          if ((b & 1) !== 0) return datum;
          t = b >>> 1;
          if (t > end - at || t > 1048576) return datum;
          n25 = t;
          p25 = at;
          at += t;
          if (n25 === 16 && isMapped(bytes, p25)) {
            p25 += 12;
            n25 = 4;
          }
          if (n25 === 4) c25 = 1;
          else if (n25 === 16) c25 = 2;
          else return datum;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x26: {
          b = bytes[at++];
          if (b >= 128) {
            b = (b & 127) | (bytes[at++] << 7);
            if (b >= 16384) {
              b = (b & 16383) | (bytes[at++] << 14);
              if (b >= 2097152) {
                b = (b & 2097151) | (bytes[at++] << 21);
              }
            }
          }
          if (b < 268435456) {
            t = (b >>> 1) ^ -(b & 1);
          } else {
            b &= 268435455;
            h = bytes[at++];
            if (h >= 128) {
              h = (h & 127) | (bytes[at++] << 7);
              if (h >= 16384) {
                h = (h & 16383) | (bytes[at++] << 14);
                if (h >= 2097152) {
                  h = (h & 2097151) | (bytes[at++] << 21);
                }
              }
            }
            if (h >= 33554432) return datum;
            t = h * 268435456 + b;
            t = (b & 1) === 0 ? t / 2 : -(t + 1) / 2;
          }
          if (t === 0) break x26;
          if (!(t >= 0 && t <= 4294967295)) return datum;
          v26 = t;
          c26 = 1;
        }
      }
      b = bytes[at++];
      if ((b & 1) !== 0 || b >= 4) return datum;
      b >>>= 1;
      if (b === 1) {
        x27: {
          b = bytes[at++];
          if (b >= 0x80) {
            b = (b & 0x7f) | (bytes[at++] << 7);
            if (b >= 0x4000) b = (b & 0x3fff) | (bytes[at++] << 14);
            if (b >= 0x200000) return datum;
          }
          if ((b & 1) !== 0) return datum;
          t = b >>> 1;
          if (t > end - at || t > 1048576) return datum;
          if (!isText(bytes, at, t)) return datum;
          n27 = t;
          p27 = at;
          at += t;
        }
      }
      if (at !== end) return datum;

      let version = 0;
      if (y1 !== 0) {
        if (version !== 0 && version !== y1) return datum;
        version = y1;
      }
      if (y2 !== 0) {
        if (version !== 0 && version !== y2) return datum;
        version = y2;
      }
      if (version === 0) return datum;
      c17 = version;
      if (version === 0) return datum;
      c18 = version;
      if (c19 !== 0) {
        if (version === 0) return datum;
        c19 = version;
      }

      t = v17;
      if (c17 === 1)
        if (!(t >= 0 && t <= 32)) return datum;
        else if (c17 === 2) if (!(t >= 0 && t <= 128)) return datum;
      t = v18;
      if (c18 === 1)
        if (!(t >= 0 && t <= 32)) return datum;
        else if (c18 === 2) if (!(t >= 0 && t <= 128)) return datum;

      const k0 =
        (c1 << 0) |
        (c2 << 2) |
        (c17 << 4) |
        (c18 << 6) |
        (c19 << 8) |
        (c20 << 10) |
        (c21 << 11) |
        (c22 << 12) |
        (c23 << 14) |
        (c24 << 15) |
        (c25 << 16) |
        (c26 << 18);
      const k1 = 0;
      const k2 = 0;
      const k3 = 0;
      const shape = shapes.of(k0, k1, k2, k3);
      if (shape === undefined) return datum;
      const octets = shape.fixedOctets + (n27 + (n27 < 255 ? 0 : 2));
      if (octets > shapes.recordOctetsMax) return datum;
      const frame = shapes.frameFor(shape, octets);
      const out = frame.buffer,
        view = frame.view;
      let o = frame.at;
      view.setUint32(o, u0 >>> 5);
      view.setUint32(o + 4, (v0 >>> 1) | (u0 << 27));
      o += 8;
      if (c1 === 1) {
        view.setUint32(o + 0, input.getUint32(p1 + 0));
        o += 4;
      } else {
        view.setUint32(o + 0, input.getUint32(p1 + 0));
        view.setUint32(o + 4, input.getUint32(p1 + 4));
        view.setUint32(o + 8, input.getUint32(p1 + 8));
        view.setUint32(o + 12, input.getUint32(p1 + 12));
        o += 16;
      }
      if (c2 === 1) {
        view.setUint32(o + 0, input.getUint32(p2 + 0));
        o += 4;
      } else {
        view.setUint32(o + 0, input.getUint32(p2 + 0));
        view.setUint32(o + 4, input.getUint32(p2 + 4));
        view.setUint32(o + 8, input.getUint32(p2 + 8));
        view.setUint32(o + 12, input.getUint32(p2 + 12));
        o += 16;
      }
      view.setUint16(o, v3);
      o += 2;
      view.setUint16(o, v4);
      o += 2;
      out[o] = v5;
      o += 1;
      view.setUint32(o, u6 >>> 5);
      view.setUint32(o + 4, (v6 >>> 1) | (u6 << 27));
      o += 8;
      view.setUint32(o, u7 >>> 5);
      view.setUint32(o + 4, (v7 >>> 1) | (u7 << 27));
      o += 8;
      view.setUint32(o, u8 >>> 5);
      view.setUint32(o + 4, (v8 >>> 1) | (u8 << 27));
      o += 8;
      view.setUint32(o, u9 >>> 5);
      view.setUint32(o + 4, (v9 >>> 1) | (u9 << 27));
      o += 8;
      out[o] = v10;
      o += 1;
      out[o] = v11;
      o += 1;
      view.setUint32(o, v12);
      o += 4;
      view.setUint32(o, v13);
      o += 4;
      view.setUint16(o, v14);
      o += 2;
      view.setUint32(o, v15);
      o += 4;
      view.setUint32(o, v16);
      o += 4;
      out[o] = v17;
      o += 1;
      out[o] = v18;
      o += 1;
      if (c19 !== 0) {
        view.setUint16(o, v19);
        o += 2;
      }
      if (c20 !== 0) {
        view.setUint32(o + 0, input.getUint32(p20 + 0));
        view.setUint16(o + 4, input.getUint16(p20 + 4));
        o += 6;
      }
      if (c21 !== 0) {
        view.setUint32(o + 0, input.getUint32(p21 + 0));
        view.setUint16(o + 4, input.getUint16(p21 + 4));
        o += 6;
      }
      if (c22 !== 0) {
        if (c22 === 1) {
          view.setUint32(o + 0, input.getUint32(p22 + 0));
          o += 4;
        } else {
          view.setUint32(o + 0, input.getUint32(p22 + 0));
          view.setUint32(o + 4, input.getUint32(p22 + 4));
          view.setUint32(o + 8, input.getUint32(p22 + 8));
          view.setUint32(o + 12, input.getUint32(p22 + 12));
          o += 16;
        }
      }
      if (c23 !== 0) {
        out[o] = v23;
        o += 1;
      }
      if (c24 !== 0) {
        out[o] = v24;
        o += 1;
      }
      if (c25 !== 0) {
        if (c25 === 1) {
          view.setUint32(o + 0, input.getUint32(p25 + 0));
          o += 4;
        } else {
          view.setUint32(o + 0, input.getUint32(p25 + 0));
          view.setUint32(o + 4, input.getUint32(p25 + 4));
          view.setUint32(o + 8, input.getUint32(p25 + 8));
          view.setUint32(o + 12, input.getUint32(p25 + 12));
          o += 16;
        }
      }
      if (c26 !== 0) {
        view.setUint32(o, v26);
        o += 4;
      }
      o = putVariable(out, o, bytes, p27, n27);
      frame.painted(o, octets, progress, offsets[datum]);
    }
    return datum;
  };
}
