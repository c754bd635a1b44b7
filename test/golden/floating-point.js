return (function tb_101000(stack) {
  const state = state_;
  const doubles = doubles_;
  const view = view_;
  const noRead = noRead_;
  const noWrite = noWrite_;
  const noReadSpan = noReadSpan_;
  const noWriteSpan = noWriteSpan_;
  if (stack < 0 && stack > -536870912 || (state[242] = state[242] - 1 | 0) < 0) {
    return leave(0x101000, 2);
  }
  if ((state[213] & -134217721) !== 0) {
    return leave(0x101000, 1);
  }
  let r2l = state[4];
  let r2h = state[5];
  let r14l = state[28];
  let r14h = state[29];
  let f0 = 0;
  let f2 = doubles[20];
  let f4 = doubles[24];
  let f6 = doubles[28];
  let cc = 0;
  let at = 0;
  let why = 0;
  exit_0: {
    exit_1: {
      if (stack < 0) {
        if (stack === -536870912) {
          break exit_0;
        }
        if (stack === -536870913) {
          break exit_1;
        }
      }
      b_101014: {
        // 101000  ld %f0,0(%r2)
        if ((r2h | noReadSpan[r2l >>> 12]) !== 0) {
          at = 0x101000;
          why = 4;
          break exit_0;
        }
        const t4l = view.getInt32(r2l + 4 | 0);
        const t4h = view.getInt32(r2l);
        f0 = f64FromBits(t4h, t4l);
        // 101004  madbr %f0,%f2,%f4
        const t10 = fmaF64(f2, f4, f0);
        f0 = t10;
        // 101008  cdbr %f0,%f6
        const t15 = f0 < f6 ? 1 : f0 === f6 ? 0 : f0 > f6 ? 2 : compareF64(f0, f6);
        cc = t15;
        // 10100c  jhe 0x101014
        const t19 = (10 << t15 & 8) !== 0;
        if (t19) {
          break b_101014;
        }
        // 101010  sqdbr %f0,%f0
        let t23 = Math.sqrt(f0);
        if ((state[213] & 524288) === 0 || t23 - t23 !== 0) t23 = sqrtF64(f0);
        f0 = t23;
        break b_101014;
      }
      // 101014  std %f0,0(%r2)
      const t29l = bitsFromF64(f0);
      const t29h = high.word;
      if ((r2h | noWriteSpan[r2l >>> 12]) !== 0) {
        at = 0x101014;
        why = 4;
        break exit_1;
      }
      view.setInt32(r2l, t29h);
      view.setInt32(r2l + 4 | 0, t29l);
      doubles[16] = f0;
      state[212] = cc;
      return (r14h | r14l >> 31) === 0 ? r14l : leaveFar(r14h, r14l);
    }
    doubles[16] = f0;
    state[212] = cc;
  }
  return leaveCold(at, why, 0x101000);
});
//# sourceURL=s390x/tb_101000.js
