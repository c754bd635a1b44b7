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
  let r2h = state[5];
  let r3l = state[6];
  let r3h = state[7];
  let r4l = state[8];
  let r5l = state[10];
  let r14l = state[28];
  let r14h = state[29];
  let cc = state[212];
  let known = cc;
  let cc0h = 0;
  let cc0l = 0;
  let at = 0;
  let why = 0;
  let w0l = 0;
  let w0h = 0;
  let w2l = 0;
  let w2h = 0;
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
      loop_101000: for (; ; ) {
        if ((left = left - 1 | 0) < 0) {
          w0l = cc0l;
          w0h = cc0h;
          w2l = r2l;
          w2h = r2h;
          at = 0x101000;
          why = 2;
          break code_0;
        }
        // 101000  l %r5,0(%r2)
        if ((r2h | noReadSpan[r2l >>> 12]) !== 0) {
          w0l = cc0l;
          w0h = cc0h;
          w2l = r2l;
          w2h = r2h;
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
        const t16l = r2l + 4 | 0;
        const t16h = r2h + ((r2l & ~t16l) >>> 31) | 0;
        const o0_r2l = r2l;
        const o0_r2h = r2h;
        r2l = t16l;
        r2h = t16h;
        // 10100a  brctg %r3,0x101000
        const t23l = r3l + -1 | 0;
        const t23h = r3h + -1 + ((r3l | ~t23l) >>> 31) | 0;
        const t26 = (t23h | t23l) === 0;
        const t27 = !t26;
        r3l = t23l;
        r3h = t23h;
        if (t27) {
          cc0h = o0_r2h;
          cc0l = o0_r2l;
          known = -1;
          continue loop_101000;
        }
        cc0h = o0_r2h;
        cc0l = o0_r2l;
        state[4] = r2l;
        state[5] = r2h;
        state[6] = r3l;
        state[7] = r3h;
        state[8] = r4l;
        state[10] = r5l;
        state[212] = ccAdd64(cc0h, 0, r2h, r2l);
        return (r14h | r14l >> 31) === 0 ? r14l : leaveFar(r14h, r14l);
      }
    }
    cc = known < 0 ? ccAdd64(w0h, 0, w2h, w2l) : known;
    break exit_0;
  }
  state[4] = r2l;
  state[5] = r2h;
  state[6] = r3l;
  state[7] = r3h;
  state[8] = r4l;
  state[10] = r5l;
  state[212] = cc;
  return leaveCold(at, why, 0x101000);
});
//# sourceURL=s390x/tb_101000.js
