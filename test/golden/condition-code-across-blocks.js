return (function tb_101000(stack) {
  const state = state_;
  const view = view_;
  const noWrite = noWrite_;
  const noWriteSpan = noWriteSpan_;
  if (stack < 0 && stack > -536870912 || (state[242] = state[242] - 1 | 0) < 0) {
    return leave(0x101000, 2);
  }
  let r2l = state[4];
  let r3l = state[6];
  let r3h = 0;
  let r4l = 0;
  let r4h = 0;
  let r14l = state[28];
  let r14h = 0;
  let cc = 0;
  let at = 0;
  let why = 0;
  let w0 = 0;
  exit_0: {
    code_0: {
      if (stack < 0) {
        if (stack === -536870912) {
          break code_0;
        }
        if (stack === -536870913) {
          break exit_0;
        }
      }
      if ((state[5] ^ r2l >> 31 | state[7] ^ r3l >> 31 | state[29] ^ r14l >> 31) !== 0) {
        return leaveNarrow(0x101000, 0x101000);
      }
      b_101014: {
        // 101004  jl 0x101010
        const t10 = r2l < 24;
        if (t10) {
          // 101010  lghi %r4,2
          r4l = 2;
          break b_101014;
        }
        // 101008  lghi %r4,1
        r4l = 1;
        break b_101014;
      }
      // 101014  st %r4,0(%r3)
      if (noWriteSpan[r3l >>> 12] !== 0) {
        w0 = r2l;
        at = 0x101014;
        why = 4;
        break code_0;
      }
      view.setInt32(r3l, r4l);
      // 101018  je 0x10101e
      const t27 = ccCompare32s(r2l, 24);
      const t28 = t27 === 0;
      if (t28) {
        // 10101e  lghi %r4,3
        r4l = 3;
        state[8] = r4l;
        state[9] = r4l >> 31;
        state[212] = ccCompare32s(r2l, 24);
        return (r14l >> 31 | r14l >> 31) === 0 ? r14l : leaveFar(r14l >> 31, r14l);
      }
      state[8] = r4l;
      state[9] = r4l >> 31;
      state[212] = ccCompare32s(r2l, 24);
      return (r14l >> 31 | r14l >> 31) === 0 ? r14l : leaveFar(r14l >> 31, r14l);
    }
    cc = ccCompare32s(w0, 24);
    break exit_0;
  }
  state[8] = r4l;
  state[9] = r4l >> 31;
  state[212] = cc;
  return leaveCold(at, why, 0x101000);
});
//# sourceURL=s390x/tb_101000.js
