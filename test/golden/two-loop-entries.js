return (function tb_101000(stack) {
  const state = state_;
  if (stack < 0 && stack > -536870912 || (state[242] = state[242] - 1 | 0) < 0) {
    return leave(0x101000, 2);
  }
  let left = state[242];
  let r2l = state[4];
  let r3l = state[6];
  let r3h = state[7];
  let r14l = state[28];
  let r14h = state[29];
  let cc = 0;
  let enter_d1 = 0;
  let known = cc;
  let cc0h = 0;
  let cc0l = 0;
  b_d1: {
    // 101004  jne 0x101012
    const t10 = r2l & 1;
    const t11 = t10 === 1;
    if (t11) {
      known = -1;
      enter_d1 = 0;
      break b_d1;
    }
    known = ccTestMask(r2l, 1);
    enter_d1 = 1;
    break b_d1;
  }
  loop_d1: for (; ; ) {
    if (enter_d1 === 0) {
      // 101012  aghi %r3,3
      const t16l = r3l + 3 | 0;
      const t16h = r3h + ((r3l & ~t16l) >>> 31) | 0;
      const o14_r3l = r3l;
      const o14_r3h = r3h;
      r3l = t16l;
      r3h = t16h;
      // 101016  brct %r2,0x101008
      const t23 = r2l + -1 | 0;
      const t26 = t23 === 0;
      const t27 = !t26;
      r2l = t23;
      if (t27) {
        cc0h = o14_r3h;
        cc0l = o14_r3l;
        known = -1;
        enter_d1 = 1;
        continue loop_d1;
      }
      cc0h = o14_r3h;
      cc0l = o14_r3l;
      state[4] = r2l;
      state[6] = r3l;
      state[7] = r3h;
      state[212] = ccAdd64(cc0h, 0, r3h, r3l);
      return (r14h | r14l >> 31) === 0 ? r14l : leaveFar(r14h, r14l);
    }
    // 101008  aghi %r3,2
    const t36l = r3l + 2 | 0;
    const t36h = r3h + ((r3l & ~t36l) >>> 31) | 0;
    const o32_r3l = r3l;
    const o32_r3h = r3h;
    r3l = t36l;
    r3h = t36h;
    // 10100c  brct %r2,0x101012
    const t43 = r2l + -1 | 0;
    const t46 = t43 === 0;
    const t47 = !t46;
    r2l = t43;
    if (t47) {
      known = ccAdd64(o32_r3h, 0, t36h, t36l);
      enter_d1 = 0;
      continue loop_d1;
    }
    cc0h = o32_r3h;
    cc0l = o32_r3l;
    state[4] = r2l;
    state[6] = r3l;
    state[7] = r3h;
    state[212] = ccAdd64(cc0h, 0, r3h, r3l);
    return (r14h | r14l >> 31) === 0 ? r14l : leaveFar(r14h, r14l);
  }
});
//# sourceURL=s390x/tb_101000.js
