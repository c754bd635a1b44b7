# Carries out the operations that css-oracle.ts puts at 0x20000, 32 bytes each: operation (4 bytes),
# general register 1 (4), address or general register 2 (8), general register 3 (8), result (4):
# condition code, or 0x100 + program-interruption code; general register 2 afterwards (4).
# Built by: s390x-linux-gnu-gcc -nostdlib -static -Wl,--build-id=none,-Ttext=0x10000,-e,_start \
#   -Wl,-z,noseparate-code -s -o css-guest.s390x css-guest.s
        .text
        .globl _start
_start: larl    %r5, newpsw
        lghi    %r6, 0x1d0
        mvc     0(16,%r6), 0(%r5)
        llilh   %r12, 2
next:   l       %r0, 0(%r12)
        l       %r1, 4(%r12)
        nihf    %r1, 0
        lg      %r2, 8(%r12)
        lg      %r3, 16(%r12)
        ltr     %r0, %r0
        je      done
        larl    %r5, table
        lgfr    %r6, %r0
        sllg    %r6, %r6, 3
        la      %r5, 0(%r6,%r5)
        br      %r5

        .balign 8
table:  .quad   0
        ssch    0(%r2)
        j       store
        tsch    0(%r2)
        j       store
        stsch   0(%r2)
        j       store
        msch    0(%r2)
        j       store
        csch
        j       store
        hsch
        j       store
        rsch
        j       store
        xsch
        j       store
        .insn   rre,0xb25f0000,%r2,%r0
        j       store
        j       notify
        nopr
        nopr
        j       wait
        nopr
        nopr
        stcrw   0(%r2)
        j       store
        rchp
        j       store
        sal
        j       store
        schm
        j       store
        j       copy

copy:   mvc     0(8,%r2), 0(%r3)
        j       store
notify: llgfr   %r2, %r1
        lghi    %r1, 3
        .long   0x83240500
        j       store
# Until the halfword at the address is as general register 3 says; not for ever.
wait:   llilh   %r7, 0x2000
1:      llgh    %r8, 0(%r2)
        cgrje   %r8, %r3, store
        brct    %r7, 1b
        lghi    %r9, 0xfff
        st      %r9, 24(%r12)
        j       4f
store:  ipm     %r9
        srl     %r9, 28
        st      %r9, 24(%r12)
4:      st      %r2, 28(%r12)
        la      %r12, 32(%r12)
        j       next
pgm:    llh     %r9, 0x8e
        oill    %r9, 0x100
        st      %r9, 24(%r12)
        j       4b
done:   lghi    %r9, -1
        st      %r9, 24(%r12)
        larl    %r5, waitpsw
        lpswe   0(%r5)
        .balign 8
newpsw: .quad   0x0000000180000000, pgm
waitpsw: .quad  0x0102000180000000, 0
