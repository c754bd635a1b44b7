return (function tb_101000(stack) {
  const state = state_;
  const registers64 = registers64_;
  if (stack < 0 && stack > -536870912 || (state[242] = state[242] - 1 | 0) < 0) {
    return leave(0x101000, 2);
  }
  let left = state[242];
  let r2l = state[4];
  let r2h = state[5];
  let r3l = state[6];
  let r3h = state[7];
  let r4l = state[8];
  let r4h = state[9];
  let r5l = state[10];
  let r5h = state[11];
  let r14l = state[28];
  let r14h = state[29];
  let cc = state[212];
  let known = cc;
  let at = 0;
  let why = 0;
  let w0l = 0;
  let w0h = 0;
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
          w0l = r2l;
          w0h = r2h;
          at = 0x101000;
          why = 2;
          break code_0;
        }
        // 101000  xgr %r3,%r2
        const b2 = registers64[3];
        const b3 = registers64[2];
        const b4 = asUintN(64, b2 ^ b3);
        // 101004  mlgr %r2,%r4
        const b10 = registers64[4];
        const pl11 = asUintN(64, b4 & 0xffffffffn);
        const ph11 = asUintN(64, b4 >> 32n);
        const ql11 = asUintN(64, b10 & 0xffffffffn);
        const qh11 = asUintN(64, b10 >> 32n);
        const pm11 = asUintN(64, asUintN(64, ph11 * ql11) + asUintN(64, asUintN(64, pl11 * ql11) >> 32n));
        const pc11 = asUintN(64, asUintN(64, pl11 * qh11) + asUintN(64, pm11 & 0xffffffffn));
        const b11 = asUintN(64, asUintN(64, asUintN(64, ph11 * qh11) + asUintN(64, pm11 >> 32n)) + asUintN(64, pc11 >> 32n));
        const b13 = asUintN(64, b4 * b10);
        registers64[3] = b13;
        const t13l = state[6];
        const t13h = state[7];
        r3l = t13l;
        r3h = t13h;
        // 101008  xgr %r2,%r3
        const b18 = asUintN(64, b11 ^ b13);
        registers64[2] = b18;
        const t18l = state[4];
        const t18h = state[5];
        const o0_r2l = r2l;
        r2l = t18l;
        const o0_r2h = r2h;
        r2h = t18h;
        // 10100c  brctg %r5,0x101000
        const t25l = r5l + -1 | 0;
        const t25h = r5h + -1 + ((r5l | ~t25l) >>> 31) | 0;
        const t28 = (t25h | t25l) === 0;
        const t29 = !t28;
        r5l = t25l;
        r5h = t25h;
        if (t29) {
          known = -1;
          continue loop_101000;
        }
        state[10] = r5l;
        state[11] = r5h;
        state[212] = ccZero64(r2h, r2l);
        return (r14h | r14l >> 31) === 0 ? r14l : leaveFar(r14h, r14l);
      }
    }
    cc = known < 0 ? ccZero64(w0h, w0l) : known;
    break exit_0;
  }
  state[10] = r5l;
  state[11] = r5h;
  state[212] = cc;
  return leaveCold(at, why, 0x101000);
});
//# sourceURL=s390x/tb_101000.js
