import { format } from './format.ts';

/**
 * The instruction formats of PoP, "Instruction Formats", named as there. The syntax names fields;
 * `D2(X2,B2)` and the like are addresses, `L1` is a length code (the assembler writes length),
 * `RI2` a relative operand shown as its target address. Formats that differ only in which fields
 * an instruction ignores or shows carry a suffix of ours after the manual's name.
 */
export const E = format('E', 'op:16', '');
export const I = format('I', 'op:8 i1:8', 'I1');
export const IE = format('IE', 'op:16 _:8 i1:4 i2:4', 'I1,I2');
export const MII = format('MII', 'op:8 m1:4 ri2:s12 ri3:s24', 'M1,RI2,RI3');
export const SMI = format('SMI', 'op:8 m1:4 _:4 b3:4 d3:12 ri2:s16', 'M1,RI2,D3(B3)');
export const RR = format('RR', 'op:8 r1:4 r2:4', 'R1,R2');
export const RR_r1 = format('RR', 'op:8 r1:4 _:4', 'R1');
export const RR_m = format('RR', 'op:8 m1:4 r2:4', 'M1,R2');
export const RRD = format('RRD', 'op:16 r1:4 _:4 r3:4 r2:4', 'R1,R3,R2');
export const RRE = format('RRE', 'op:16 _:8 r1:4 r2:4', 'R1,R2');
export const RRE_r1 = format('RRE', 'op:16 _:8 r1:4 _:4', 'R1');
export const RRE_none = format('RRE', 'op:16 _:16', '');
export const RRFa = format('RRF-a', 'op:16 r3:4 _:4 r1:4 r2:4', 'R1,R2,R3');
export const RRFa_m4 = format('RRF-a', 'op:16 r3:4 m4:4 r1:4 r2:4', 'R1,R2,R3,M4');
export const RRFb = format('RRF-b', 'op:16 r3:4 m4:4 r1:4 r2:4', 'R1,R3,R2,M4');
export const RRFb_r3 = format('RRF-b', 'op:16 r3:4 _:4 r1:4 r2:4', 'R1,R3,R2');
export const RRFc = format('RRF-c', 'op:16 m3:4 _:4 r1:4 r2:4', 'R1,R2,M3');
/** M3 is optional: written only when it is not zero. */
export const RRFc_opt = format('RRF-c', 'op:16 m3:4 _:4 r1:4 r2:4', 'R1,R2[,M3]');
/** INVALIDATE PAGE TABLE ENTRY, INVALIDATE DAT TABLE ENTRY: M4, and R3 of IPTE, are optional. */
export const RRFb_ipte = format('RRF-b', 'op:16 r3:4 m4:4 r1:4 r2:4', 'R1,R2[,R3,M4]');
export const RRFb_idte = format('RRF-b', 'op:16 r3:4 m4:4 r1:4 r2:4', 'R1,R3,R2[,M4]');
export const RRFd = format('RRF-d', 'op:16 _:4 m4:4 r1:4 r2:4', 'R1,R2,M4');
export const RRFe = format('RRF-e', 'op:16 m3:4 m4:4 r1:4 r2:4', 'R1,M3,R2,M4');
export const RRFe_m3 = format('RRF-e', 'op:16 m3:4 _:4 r1:4 r2:4', 'R1,M3,R2');
export const RRS = format('RRS', 'op:8 r1:4 r2:4 b4:4 d4:12 m3:4 _:4 op:8', 'R1,R2,M3,D4(B4)');
export const RX = format('RX-a', 'op:8 r1:4 x2:4 b2:4 d2:12', 'R1,D2(X2,B2)');
export const RXb = format('RX-b', 'op:8 m1:4 x2:4 b2:4 d2:12', 'M1,D2(X2,B2)');
export const RXE = format('RXE', 'op:8 r1:4 x2:4 b2:4 d2:12 _:8 op:8', 'R1,D2(X2,B2)');
export const RXE_m3 = format('RXE', 'op:8 r1:4 x2:4 b2:4 d2:12 m3:4 _:4 op:8', 'R1,D2(X2,B2),M3');
export const RXF = format('RXF', 'op:8 r3:4 x2:4 b2:4 d2:12 r1:4 _:4 op:8', 'R1,R3,D2(X2,B2)');
export const RXYa = format('RXY-a', 'op:8 r1:4 x2:4 b2:4 d2.lo:12 d2.hi:s8 op:8', 'R1,D2(X2,B2)');
export const RXYb = format('RXY-b', 'op:8 m1:4 x2:4 b2:4 d2.lo:12 d2.hi:s8 op:8', 'M1,D2(X2,B2)');
export const RSa = format('RS-a', 'op:8 r1:4 r3:4 b2:4 d2:12', 'R1,R3,D2(B2)');
/** Shifts: no R3. */
export const RSa_shift = format('RS-a', 'op:8 r1:4 _:4 b2:4 d2:12', 'R1,D2(B2)');
export const RSb = format('RS-b', 'op:8 r1:4 m3:4 b2:4 d2:12', 'R1,M3,D2(B2)');
export const RSI = format('RSI', 'op:8 r1:4 r3:4 ri2:s16', 'R1,R3,RI2');
export const RSL = format('RSL-a', 'op:8 l1:4 _:4 b1:4 d1:12 _:8 op:8', 'D1(L1,B1)');
export const RSLb = format('RSL-b', 'op:8 l2:8 b2:4 d2:12 r1:4 m3:4 op:8', 'R1,D2(L2,B2),M3');
export const RSYa = format('RSY-a', 'op:8 r1:4 r3:4 b2:4 d2.lo:12 d2.hi:s8 op:8', 'R1,R3,D2(B2)');
export const RSYb = format('RSY-b', 'op:8 r1:4 m3:4 b2:4 d2.lo:12 d2.hi:s8 op:8', 'R1,M3,D2(B2)');
/** LOAD/STORE ON CONDITION write the mask last. */
export const RSYb_cond = format(
  'RSY-b',
  'op:8 r1:4 m3:4 b2:4 d2.lo:12 d2.hi:s8 op:8',
  'R1,D2(B2),M3',
);
export const RIa = format('RI-a', 'op:8 r1:4 op:4 i2:s16', 'R1,I2');
/** Unsigned immediate (insert, logical, test under mask). */
export const RIa_u = format('RI-a', 'op:8 r1:4 op:4 i2:16', 'R1,I2');
export const RIb = format('RI-b', 'op:8 r1:4 op:4 ri2:s16', 'R1,RI2');
export const RIc = format('RI-c', 'op:8 m1:4 op:4 ri2:s16', 'M1,RI2');
export const RIEa = format('RIE-a', 'op:8 r1:4 _:4 i2:s16 m3:4 _:4 op:8', 'R1,I2,M3');
export const RIEa_u = format('RIE-a', 'op:8 r1:4 _:4 i2:16 m3:4 _:4 op:8', 'R1,I2,M3');
export const RIEb = format('RIE-b', 'op:8 r1:4 r2:4 ri4:s16 m3:4 _:4 op:8', 'R1,R2,M3,RI4');
export const RIEc = format('RIE-c', 'op:8 r1:4 m3:4 ri4:s16 i2:s8 op:8', 'R1,I2,M3,RI4');
export const RIEc_u = format('RIE-c', 'op:8 r1:4 m3:4 ri4:s16 i2:8 op:8', 'R1,I2,M3,RI4');
export const RIEd = format('RIE-d', 'op:8 r1:4 r3:4 i2:s16 _:8 op:8', 'R1,R3,I2');
export const RIEe = format('RIE-e', 'op:8 r1:4 r3:4 ri2:s16 _:8 op:8', 'R1,R3,RI2');
export const RIEf = format('RIE-f', 'op:8 r1:4 r2:4 i3:8 i4:8 i5:8 op:8', 'R1,R2,I3,I4,I5');
export const RIEg = format('RIE-g', 'op:8 r1:4 m3:4 i2:s16 _:8 op:8', 'R1,I2,M3');
export const RILa = format('RIL-a', 'op:8 r1:4 op:4 i2:s32', 'R1,I2');
export const RILa_u = format('RIL-a', 'op:8 r1:4 op:4 i2:32', 'R1,I2');
export const RILb = format('RIL-b', 'op:8 r1:4 op:4 ri2:s32', 'R1,RI2');
export const RILc = format('RIL-c', 'op:8 m1:4 op:4 ri2:s32', 'M1,RI2');
export const RIS = format('RIS', 'op:8 r1:4 m3:4 b4:4 d4:12 i2:s8 op:8', 'R1,I2,M3,D4(B4)');
export const RIS_u = format('RIS', 'op:8 r1:4 m3:4 b4:4 d4:12 i2:8 op:8', 'R1,I2,M3,D4(B4)');
export const S = format('S', 'op:16 b2:4 d2:12', 'D2(B2)');
export const S_none = format('S', 'op:16 _:16', '');
export const SI = format('SI', 'op:8 i2:8 b1:4 d1:12', 'D1(B1),I2');
export const SI_none = format('SI', 'op:8 _:8 b1:4 d1:12', 'D1(B1)');
export const SIL = format('SIL', 'op:16 b1:4 d1:12 i2:s16', 'D1(B1),I2');
export const SIL_u = format('SIL', 'op:16 b1:4 d1:12 i2:16', 'D1(B1),I2');
export const SIY = format('SIY', 'op:8 i2:8 b1:4 d1.lo:12 d1.hi:s8 op:8', 'D1(B1),I2');
/** Signed immediate (ASI, AGSI, ALSI, ALGSI). */
export const SIY_s = format('SIY', 'op:8 i2:s8 b1:4 d1.lo:12 d1.hi:s8 op:8', 'D1(B1),I2');
export const SSa = format('SS-a', 'op:8 l1:8 b1:4 d1:12 b2:4 d2:12', 'D1(L1,B1),D2(B2)');
export const SSb = format('SS-b', 'op:8 l1:4 l2:4 b1:4 d1:12 b2:4 d2:12', 'D1(L1,B1),D2(L2,B2)');
export const SSc = format('SS-c', 'op:8 l1:4 i3:4 b1:4 d1:12 b2:4 d2:12', 'D1(L1,B1),D2(B2),I3');
export const SSd = format('SS-d', 'op:8 r1:4 r3:4 b1:4 d1:12 b2:4 d2:12', 'D1(R1,B1),D2(B2),R3');
/** PERFORM LOCKED OPERATION. */
export const SSe = format('SS-e', 'op:8 r1:4 r3:4 b2:4 d2:12 b4:4 d4:12', 'R1,D2(B2),R3,D4(B4)');
/** LOAD MULTIPLE DISJOINT. */
export const SSe_lmd = format(
  'SS-e',
  'op:8 r1:4 r3:4 b2:4 d2:12 b4:4 d4:12',
  'R1,R3,D2(B2),D4(B4)',
);
export const SSf = format('SS-f', 'op:8 l2:8 b1:4 d1:12 b2:4 d2:12', 'D1(B1),D2(L2,B2)');
export const SSE = format('SSE', 'op:16 b1:4 d1:12 b2:4 d2:12', 'D1(B1),D2(B2)');
export const SSF = format('SSF', 'op:8 r3:4 op:4 b1:4 d1:12 b2:4 d2:12', 'D1(B1),D2(B2),R3');
/** LOAD PAIR DISJOINT names its register first. */
export const SSF_r3 = format('SSF', 'op:8 r3:4 op:4 b1:4 d1:12 b2:4 d2:12', 'R3,D1(B1),D2(B2)');
