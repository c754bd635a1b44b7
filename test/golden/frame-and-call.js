return (function tb_101000(stack) {
  const state = state_;
  const view = view_;
  const noRead = noRead_;
  const noWrite = noWrite_;
  const noReadSpan = noReadSpan_;
  const noWriteSpan = noWriteSpan_;
  const registers64 = registers64_;
  if (stack < 0 && stack > -536870912 || (state[242] = state[242] - 1 | 0) < 0) {
    return leave(0x101000, 2);
  }
  let r2l = state[4];
  let r2h = 0;
  let r11l = 0;
  let r11h = 0;
  let r12l = 0;
  let r12h = 0;
  let r13l = 0;
  let r13h = 0;
  let r14l = 0;
  let r14h = 0;
  let r15l = state[30];
  let r15h = 0;
  let cc = 0;
  let at = 0;
  let why = 0;
  let w0l = 0;
  let w0h = 0;
  let w1l = 0;
  let w2l = 0;
  let w2h = 0;
  exit_0: {
    exit_1: {
      code_0: {
        if (stack < 0) {
          if (stack === -536870912) {
            break code_0;
          }
          if (stack === -536870913) {
            break exit_0;
          }
          if (stack === -536870914) {
            break exit_1;
          }
        }
        if ((state[5] ^ r2l >> 31 | state[31] ^ r15l >> 31) !== 0) {
          return leaveNarrow(0x101000, 0x101000);
        }
        // 101000  stmg %r11,%r15,88(%r15)
        if (noWriteSpan[r15l + 88 >>> 12] !== 0) {
          at = 0x101000;
          why = 4;
          break exit_0;
        }
        view.setBigUint64(r15l + 88 | 0, registers64[11]);
        view.setBigUint64(r15l + 96 | 0, registers64[12]);
        view.setBigUint64(r15l + 104 | 0, registers64[13]);
        view.setBigUint64(r15l + 112 | 0, registers64[14]);
        view.setBigUint64(r15l + 120 | 0, registers64[15]);
        // 101006  aghi %r15,-160
        const n28 = r15l + -160;
        if (n28 !== (n28 | 0)) {
          at = 0x101006;
          why = 3;
          break exit_0;
        }
        const o26_r15l = r15l;
        r15l = n28;
        // 10100a  lgr %r11,%r2
        r11l = r2l;
        // 10100e  brasl %r14,0x101020
        r14l = 1052692;
        state[22] = r11l;
        state[23] = r11l >> 31;
        state[28] = r14l;
        state[29] = r14l >> 31;
        state[30] = r15l;
        state[31] = r15l >> 31;
        state[212] = ccSign32(n28);
        const returned_101014 = region_101020.run(stack - frame);
        if (returned_101014 !== 0x101014) return returned_101014;
        r2l = state[4];
        r2h = state[5];
        r11l = state[22];
        r15l = state[30];
        if ((state[23] ^ r11l >> 31 | state[31] ^ r15l >> 31) !== 0) {
          return leave(0x101014, 1);
        }
        // 101014  agr %r2,%r11
        const t42l = r2l + r11l | 0;
        const t42h = r2h + (r11l >> 31) + ((r2l & r11l | (r2l | r11l) & ~t42l) >>> 31) | 0;
        const o40_r2l = r2l;
        const o40_r2h = r2h;
        r2l = t42l;
        r2h = t42h;
        // 101018  lmg %r11,%r15,248(%r15)
        if (noReadSpan[r15l + 248 >>> 12] !== 0) {
          w0l = o40_r2l;
          w0h = o40_r2h;
          w1l = r11l;
          w2l = t42l;
          w2h = t42h;
          at = 0x101018;
          why = 4;
          break code_0;
        }
        const t61l = view.getInt32(r15l + 276 | 0);
        const t61h = view.getInt32(r15l + 272 | 0);
        registers64[11] = view.getBigUint64(r15l + 248 | 0);
        registers64[12] = view.getBigUint64(r15l + 256 | 0);
        registers64[13] = view.getBigUint64(r15l + 264 | 0);
        r14l = t61l;
        r14h = t61h;
        registers64[15] = view.getBigUint64(r15l + 280 | 0);
        state[4] = r2l;
        state[5] = r2h;
        state[28] = r14l;
        state[29] = r14h;
        state[212] = ccAdd64(o40_r2h, r11l >> 31, t42h, t42l);
        return (r14h | r14l >> 31) === 0 ? r14l : leaveFar(r14h, r14l);
      }
      cc = ccAdd64(w0h, w1l >> 31, w2h, w2l);
      break exit_1;
    }
    state[4] = r2l;
    state[5] = r2h;
    state[212] = cc;
  }
  return leaveCold(at, why, 0x101000);
});
//# sourceURL=s390x/tb_101000.js
