return (function tb_101000(stack) {
  const state = state_;
  const view = view_;
  const noRead = noRead_;
  const noReadSpan = noReadSpan_;
  if (stack < 0 && stack > -536870912 || (state[242] = state[242] - 1 | 0) < 0) {
    return leave(0x101000, 2);
  }
  let left = state[242];
  let r2l = state[4];
  let r2h = 0;
  let r3l = state[6];
  let r3h = 0;
  let r4l = state[8];
  let r5l = state[10];
  let r14l = state[28];
  let r14h = 0;
  let cc = state[212];
  let known = cc;
  let at = 0;
  let why = 0;
  let w0l = 0;
  exit_0: {
    code_1: {
      code_0: {
        if (stack < 0) {
          if (stack === -536870912) {
            break code_0;
          }
          if (stack === -536870913) {
            break code_1;
          }
          if (stack === -536870914) {
            break exit_0;
          }
        }
        if ((state[5] ^ r2l >> 31 | state[7] ^ r3l >> 31 | state[29] ^ r14l >> 31) !== 0) {
          return leaveNarrow(0x101000, 0x101000);
        }
        loop_101000: for (; ; ) {
          if ((left = left - 1 | 0) < 0) {
            w0l = r2l;
            at = 0x101000;
            why = 2;
            break code_0;
          }
          // 101000  l %r5,0(%r2)
          if (noReadSpan[r2l >>> 12] !== 0) {
            w0l = r2l;
            at = 0x101000;
            why = 4;
            break code_0;
          }
          const t4 = view.getInt32(r2l);
          r5l = t4;
          // 101004  ar %r4,%r5
          const t9 = r4l + r5l | 0;
          r4l = t9;
          // 101006  aghi %r2,4
          const n16 = r2l + 4;
          if (n16 !== (n16 | 0)) {
            w0l = r2l;
            at = 0x101006;
            why = 3;
            break code_0;
          }
          const o0_r2l = r2l;
          r2l = n16;
          // 10100a  brctg %r3,0x101000
          if (r3l === -2147483648) {
            w0l = n16;
            at = 0x10100a;
            why = 3;
            break code_1;
          }
          const n23 = r3l + -1 | 0;
          const t26 = n23 === 0;
          const t27 = !t26;
          r3l = n23;
          if (t27) {
            known = -1;
            continue loop_101000;
          }
          state[4] = r2l;
          state[5] = r2l >> 31;
          state[6] = r3l;
          state[7] = r3l >> 31;
          state[8] = r4l;
          state[10] = r5l;
          state[212] = ccSign32(r2l);
          return (r14l >> 31 | r14l >> 31) === 0 ? r14l : leaveFar(r14l >> 31, r14l);
        }
      }
      cc = known < 0 ? ccSign32(w0l) : known;
      break exit_0;
    }
    cc = ccSign32(w0l);
    break exit_0;
  }
  state[4] = r2l;
  state[5] = r2l >> 31;
  state[6] = r3l;
  state[7] = r3l >> 31;
  state[8] = r4l;
  state[10] = r5l;
  state[212] = cc;
  return leaveCold(at, why, 0x101000);
});
//# sourceURL=s390x/tb_101000.js
