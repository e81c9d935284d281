/* amqpload: raw AMQP 0-9-1 load generator. One epoll thread, C library only, Linux. Compiled and run by run.ts:
 *
 *   cc -O2 -o amqpload amqpload.c -lpthread
 *
 * Frames are encoded once; only a timestamp, publisher id and sequence number are patched into each body, so that the
 * broker and not the generator is what gets measured. Publishers connect to -A, consumers to -B, queues are declared
 * through -D. Prints one line of key=value pairs; latencies are in microseconds. Exit status: 0 clean, 1 messages lost,
 * out of order or an error on a connection, 2 could not start. -h lists the options. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define RING (1u << 16)   /* most unconfirmed publishes tracked per publisher */
#define RBUF (1u << 20)
#define MAXADDR 64

/* ---------- options ---------- */
static struct { char host[128]; char port[16]; } addr[3][MAXADDR];
static int naddr[3];                       /* 0 publishers, 1 consumers, 2 declare */
static int nq = 1, npub = 1, ncon = 1, durable, persistent, window, ackk, prefetch, keep, nodecl;
static int size = 100, batch_bytes = 65536, idle, idle_threads = 8, fmax_want = 131072, sndbuf, mandatory;
static double duration = 5, warm = 0, rate = 0, grace = 5;
static uint64_t count;
static const char *user = "guest", *pass = "guest", *vhost = "/", *prefix = "load", *label = "run";
static char exname[128] = "", extype[32] = "";
static const char *qargs[16]; static int nqargs;

static uint64_t nerr;
static char lasterr[256] = "-"; /* one word: spaces become underscores */

static uint64_t now_ns(void) {
  struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + t.tv_nsec;
}
static void fail(const char *f, ...) {
  va_list a; va_start(a, f); vsnprintf(lasterr, sizeof lasterr, f, a); va_end(a);
  for (char *p = lasterr; *p; p++) if (*p == ' ' || *p == '\n') *p = '_';
  nerr++;
}
static void die(const char *f, ...) {
  va_list a; va_start(a, f); fprintf(stderr, "amqpload: "); vfprintf(stderr, f, a); fputc('\n', stderr); va_end(a);
  exit(2);
}

/* ---------- log-linear histogram, <1.6 % error ---------- */
typedef struct { uint64_t b[64 * 60], n, max; } hist;
static hist lat, clat;
static void hadd(hist *h, uint64_t v) {
  unsigned i = v;
  if (v >= 64) { unsigned e = 63 - __builtin_clzll(v); i = (e - 5) * 64 + (unsigned)((v >> (e - 6)) - 64); }
  if (i < 64 * 60) h->b[i]++;
  h->n++; if (v > h->max) h->max = v;
}
static double hpct(hist *h, double p) {
  if (!h->n) return 0;
  uint64_t want = (uint64_t)(h->n * p), s = 0;
  for (unsigned i = 0; i < 64 * 60; i++) {
    s += h->b[i];
    if (s > want) { if (i < 64) return i / 1e3; unsigned e = i / 64 + 5; return (double)((uint64_t)(64 + i % 64) << (e - 6)) / 1e3; }
  }
  return h->max / 1e3;
}

/* ---------- encoding ---------- */
typedef struct { uint8_t *p; size_t n, cap; } buf;
static void need(buf *b, size_t k) {
  if (b->n + k <= b->cap) return;
  while (b->cap < b->n + k) b->cap = b->cap ? b->cap * 2 : 256;
  b->p = realloc(b->p, b->cap);
}
static void w8(buf *b, unsigned v) { need(b, 1); b->p[b->n++] = v; }
static void w16(buf *b, unsigned v) { w8(b, v >> 8); w8(b, v & 255); }
static void w32(buf *b, uint32_t v) { w16(b, v >> 16); w16(b, v & 65535); }
static void w64(buf *b, uint64_t v) { w32(b, v >> 32); w32(b, (uint32_t)v); }
static void wraw(buf *b, const void *s, size_t k) { need(b, k); memcpy(b->p + b->n, s, k); b->n += k; }
static void wss(buf *b, const char *s) { w8(b, strlen(s)); wraw(b, s, strlen(s)); }
static void wls(buf *b, const char *s, size_t k) { w32(b, k); wraw(b, s, k); }
static size_t fbegin(buf *b, int type, int ch) { w8(b, type); w16(b, ch); w32(b, 0); return b->n; }
static void fend(buf *b, size_t at) {
  uint32_t k = htonl((uint32_t)(b->n - at)); memcpy(b->p + at - 4, &k, 4); w8(b, 0xCE);
}
static size_t mbegin(buf *b, int ch, int cls, int mth) { size_t a = fbegin(b, 1, ch); w16(b, cls); w16(b, mth); return a; }
static inline uint32_t r32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return ntohl(v); }
static inline uint16_t r16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline uint64_t r64(const uint8_t *p) { return (uint64_t)r32(p) << 32 | r32(p + 4); }

/* ---------- connections ---------- */
typedef struct conn {
  int fd, role, id, dead, epout;
  uint32_t fmax;
  uint8_t *rb; size_t rpos, rlen;
  /* publisher */
  uint8_t *tpl; size_t flen, tsoff, woff, wend; unsigned nb;
  uint64_t seq, low, conf; uint64_t *ts; uint8_t *done;
  double prate; uint64_t t0; uint64_t quota;
  /* consumer */
  buf out; size_t ooff; uint64_t tag, body_left; int first, redel; unsigned unacked; uint64_t *last;
} conn;

static void wall(int fd, const uint8_t *p, size_t n) {
  while (n) { ssize_t k = write(fd, p, n); if (k <= 0) { if (errno == EINTR) continue; die("write: %s", strerror(errno)); } p += k; n -= k; }
}
static void sendb(conn *c, buf *b) { wall(c->fd, b->p, b->n); b->n = 0; }
/* blocking: next frame; returns payload */
static uint8_t *nextframe(conn *c, int *type, uint32_t *len) {
  for (;;) {
    size_t have = c->rlen - c->rpos;
    if (have >= 8) {
      uint8_t *p = c->rb + c->rpos; uint32_t k = r32(p + 3);
      if (have >= k + 8) { *type = p[0]; *len = k; c->rpos += k + 8; return p + 7; }
    }
    if (c->rpos) { memmove(c->rb, c->rb + c->rpos, have); c->rpos = 0; c->rlen = have; }
    ssize_t k = read(c->fd, c->rb + c->rlen, RBUF - c->rlen);
    if (k <= 0) return NULL;
    c->rlen += k;
  }
}
static void closed_by_peer(conn *c, const uint8_t *p, int cls) {
  fail("%s_close_%u_%.*s", cls == 10 ? "connection" : "channel", r16(p + 4), p[6], p + 7); c->dead = 1;
}
static uint8_t *expect(conn *c, int cls, int mth) {
  int t; uint32_t n; uint8_t *p;
  while ((p = nextframe(c, &t, &n))) {
    if (t != 1) continue;
    int a = r16(p), b = r16(p + 2);
    if (a == cls && b == mth) return p;
    if ((a == 10 && b == 50) || (a == 20 && b == 40)) { closed_by_peer(c, p, a); die("waiting for %d.%d: %s", cls, mth, lasterr); }
  }
  die("connection lost waiting for %d.%d", cls, mth);
  return NULL;
}
static conn *dial(int which, int i) {
  conn *c = calloc(1, sizeof *c); size_t a; buf b = {0};
  struct addrinfo h = {.ai_socktype = SOCK_STREAM}, *r;
  int k = i % naddr[which], one = 1;
  if (getaddrinfo(addr[which][k].host, addr[which][k].port, &h, &r)) die("cannot resolve %s", addr[which][k].host);
  int ok = 0;
  for (struct addrinfo *q = r; q && !ok; q = q->ai_next) {
    c->fd = socket(q->ai_family, SOCK_STREAM, 0);
    if (sndbuf) setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof sndbuf);
    if (!connect(c->fd, q->ai_addr, q->ai_addrlen)) ok = 1; else close(c->fd);
  }
  if (!ok) die("connect %s:%s: %s", addr[which][k].host, addr[which][k].port, strerror(errno));
  freeaddrinfo(r);
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  c->rb = malloc(RBUF);
  wall(c->fd, (const uint8_t *)"AMQP\0\0\x09\x01", 8);
  expect(c, 10, 10);
  a = mbegin(&b, 0, 10, 11);
  { buf cap = {0}, t = {0};
    const char *caps[] = {"publisher_confirms", "basic.nack", "consumer_cancel_notify", "connection.blocked"};
    for (int j = 0; j < 4; j++) { wss(&cap, caps[j]); w8(&cap, 't'); w8(&cap, 1); }
    wss(&t, "capabilities"); w8(&t, 'F'); wls(&t, (char *)cap.p, cap.n);
    wss(&t, "product"); w8(&t, 'S'); wls(&t, "amqpload", 8);
    wls(&b, (char *)t.p, t.n); free(cap.p); free(t.p); }
  wss(&b, "PLAIN");
  { buf s = {0}; w8(&s, 0); wraw(&s, user, strlen(user)); w8(&s, 0); wraw(&s, pass, strlen(pass)); wls(&b, (char *)s.p, s.n); free(s.p); }
  wss(&b, "en_US"); fend(&b, a); sendb(c, &b);
  uint8_t *p = expect(c, 10, 30);
  unsigned chmax = r16(p + 4); c->fmax = r32(p + 6);
  if (!c->fmax || c->fmax > (uint32_t)fmax_want) c->fmax = fmax_want;
  a = mbegin(&b, 0, 10, 31); w16(&b, chmax); w32(&b, c->fmax); w16(&b, 0); fend(&b, a);
  a = mbegin(&b, 0, 10, 40); wss(&b, vhost); wss(&b, ""); w8(&b, 0); fend(&b, a); sendb(c, &b);
  expect(c, 10, 41);
  a = mbegin(&b, 1, 20, 10); wss(&b, ""); fend(&b, a); sendb(c, &b);
  expect(c, 20, 11);
  free(b.p);
  return c;
}
static void hangup(conn *c) {
  if (!c->dead) { buf b = {0}; size_t a = mbegin(&b, 0, 10, 50); w16(&b, 200); wss(&b, "bye"); w16(&b, 0); w16(&b, 0); fend(&b, a);
    fcntl(c->fd, F_SETFL, 0); struct timeval tv = {2, 0}; setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
    if (write(c->fd, b.p, b.n) < 0) {}
    int t; uint32_t n; uint8_t *p; while ((p = nextframe(c, &t, &n)) && !(t == 1 && r16(p) == 10 && r16(p + 2) == 51)) {}
    free(b.p); }
  close(c->fd); free(c->rb); free(c);
}
static void qname(char *o, int i) { snprintf(o, 200, "%s.%d", prefix, i); }
static void rkname(char *o, int i) { snprintf(o, 200, strcmp(extype, "topic") ? "%s.%d" : "%s.%d.x", prefix, i); }

static void declare_all(void) {
  int n = naddr[2] < nq ? naddr[2] : nq; char q[256], k[256]; buf b = {0}; size_t a;
  for (int d = 0; d < n; d++) {
    conn *c = dial(2, d);
    if (*exname && *extype) {
      a = mbegin(&b, 1, 40, 10); w16(&b, 0); wss(&b, exname); wss(&b, extype); w8(&b, durable ? 2 : 0); w32(&b, 0); fend(&b, a); sendb(c, &b);
      expect(c, 40, 11);
    }
    for (int i = d; i < nq; i += n) {
      qname(q, i);
      if (!keep) { a = mbegin(&b, 1, 50, 40); w16(&b, 0); wss(&b, q); w8(&b, 0); fend(&b, a); sendb(c, &b); expect(c, 50, 41); }
      a = mbegin(&b, 1, 50, 10); w16(&b, 0); wss(&b, q); w8(&b, durable ? 2 : 0);
      buf t = {0};
      for (int j = 0; j < nqargs; j++) {
        const char *e = strchr(qargs[j], '='); char nm[128]; if (!e) die("-a wants key=value or key=#number");
        snprintf(nm, sizeof nm, "%.*s", (int)(e - qargs[j]), qargs[j]); wss(&t, nm);
        if (e[1] == '#') { w8(&t, 'l'); w64(&t, strtoull(e + 2, 0, 10)); } else { w8(&t, 'S'); wls(&t, e + 1, strlen(e + 1)); }
      }
      wls(&b, (char *)t.p, t.n); free(t.p); fend(&b, a); sendb(c, &b); expect(c, 50, 11);
      if (*exname) {
        rkname(k, i); if (!strcmp(extype, "topic")) strcpy(k + strlen(k) - 1, "#");
        a = mbegin(&b, 1, 50, 20); w16(&b, 0); wss(&b, q); wss(&b, exname); wss(&b, k); w8(&b, 0); w32(&b, 0); fend(&b, a); sendb(c, &b); expect(c, 50, 21);
      }
    }
    hangup(c);
  }
  free(b.p);
}
static void delete_all(void) {
  int n = naddr[2] < nq ? naddr[2] : nq; char q[256]; buf b = {0}; size_t a; conn *c = dial(2, 0); (void)n;
  for (int i = 0; i < nq; i++) { qname(q, i); a = mbegin(&b, 1, 50, 40); w16(&b, 0); wss(&b, q); w8(&b, 0); fend(&b, a); sendb(c, &b); expect(c, 50, 41); }
  if (*exname && *extype) { a = mbegin(&b, 1, 40, 20); w16(&b, 0); wss(&b, exname); w8(&b, 0); fend(&b, a); sendb(c, &b); expect(c, 40, 21); }
  hangup(c); free(b.p);
}

/* ---------- load phase ---------- */
static uint64_t pub, cfm, del, redelivered, ooo, nacks, returned;        /* totals */
static uint64_t wpub, wcfm, wdel;                                        /* at window start */
static uint64_t t_start, t_win, t_pubend, t_lastdel, t_lastcfm, blocked_ev;
static int publishing = 1, ep, fan = 1;

static void want_out(conn *c, int on) {
  if (c->epout == on) return;
  struct epoll_event e = {.events = EPOLLIN | (on ? EPOLLOUT : 0), .data.ptr = c};
  epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e); c->epout = on;
}
static void mk_pub(conn *c) {
  buf b = {0}; size_t a; char k[256]; rkname(k, c->id % nq);
  a = mbegin(&b, 1, 60, 40); w16(&b, 0); wss(&b, exname); wss(&b, k); w8(&b, mandatory ? 1 : 0); fend(&b, a);
  a = fbegin(&b, 2, 1); w16(&b, 60); w16(&b, 0); w64(&b, size); w16(&b, 0x1000); w8(&b, persistent ? 2 : 1); fend(&b, a);
  size_t left = size; int first = 1;
  while (left) {
    size_t n = left < c->fmax - 8 ? left : c->fmax - 8; a = fbegin(&b, 3, 1); if (first) { c->tsoff = b.n; first = 0; }
    need(&b, n); memset(b.p + b.n, 'x', n); b.n += n; fend(&b, a); left -= n;
  }
  c->flen = b.n; c->nb = batch_bytes / b.n; if (c->nb < 1) c->nb = 1;
  c->tpl = malloc((size_t)c->nb * b.n);
  for (unsigned i = 0; i < c->nb; i++) { memcpy(c->tpl + i * b.n, b.p, b.n); uint32_t id = c->id; memcpy(c->tpl + i * b.n + c->tsoff + 8, &id, 4); }
  c->ts = calloc(RING, 8); c->done = calloc(RING, 1);
  if (window) { b.n = 0; a = mbegin(&b, 1, 85, 10); w8(&b, 0); fend(&b, a); sendb(c, &b); expect(c, 85, 11); }
  free(b.p);
}
static void mk_con(conn *c) {
  buf b = {0}; size_t a; char q[256];
  c->last = calloc(npub + 1, 8);
  if (prefetch) { a = mbegin(&b, 1, 60, 10); w32(&b, 0); w16(&b, prefetch); w8(&b, 0); fend(&b, a); sendb(c, &b); expect(c, 60, 11); }
  for (int i = 0; i < nq; i++) {
    if (ncon <= nq ? i % ncon != c->id : c->id % nq != i) continue;
    qname(q, i);
    a = mbegin(&b, 1, 60, 20); w16(&b, 0); wss(&b, q); wss(&b, ""); w8(&b, ackk ? 0 : 2); w32(&b, 0); fend(&b, a);
    sendb(c, &b); /* consume-ok is skipped by frames(): deliveries may already be interleaved with it */
  }
  free(b.p);
}
/* write as much as window / rate / socket allow; returns ns until next due (rate mode) */
static uint64_t pump(conn *c, uint64_t now) {
  for (int rounds = 0; rounds < 4; rounds++) {
    if (c->woff < c->wend) {
      ssize_t k = write(c->fd, c->tpl + c->woff, c->wend - c->woff);
      if (k < 0) { if (errno == EAGAIN) { want_out(c, 1); return 1000000000; } fail("write_%s", strerror(errno)); c->dead = 1; return 1000000000; }
      c->woff += k; if (c->woff < c->wend) { want_out(c, 1); return 1000000000; }
    }
    if (!publishing) { want_out(c, 0); return 1000000000; }
    uint64_t n = c->nb, wait = 0;
    if (count) { uint64_t left = c->quota - c->seq; if (n > left) n = left; }
    if (window) { uint64_t fly = c->seq - c->conf, room = fly < (uint64_t)window ? window - fly : 0; uint64_t r2 = RING - 1 - (c->seq - c->low); if (room > r2) room = r2; if (n > room) n = room; }
    if (c->prate > 0) {
      double due = (now - c->t0) * c->prate / 1e9 - (double)c->seq;
      if (now < c->t0 || due < 1) { n = 0; wait = (uint64_t)((c->seq + 1) * 1e9 / c->prate) + c->t0 - now + 1; }
      else if (n > (uint64_t)due) n = (uint64_t)due;
    }
    if (!n) { want_out(c, 0); return wait ? wait : 1000000000; }
    for (uint64_t i = 0; i < n; i++) {
      uint8_t *p = c->tpl + i * c->flen + c->tsoff; uint64_t s = ++c->seq, t = c->prate > 0 ? c->t0 + (uint64_t)(s * 1e9 / c->prate) : now;
      memcpy(p, &t, 8); memcpy(p + 16, &s, 8);
      if (window) { c->ts[s & (RING - 1)] = t; c->done[s & (RING - 1)] = 0; }
    }
    pub += n; c->woff = 0; c->wend = n * c->flen;
    if (rounds) now = now_ns();
  }
  want_out(c, 1);
  return 0;
}
static void conf_one(conn *c, uint64_t s, uint64_t now) {
  if (s <= c->low || c->done[s & (RING - 1)]) return;
  c->done[s & (RING - 1)] = 1; c->conf++; cfm++;
  hadd(&clat, now > c->ts[s & (RING - 1)] ? now - c->ts[s & (RING - 1)] : 0);
}
static void flush_out(conn *c) {
  while (c->ooff < c->out.n) {
    ssize_t k = write(c->fd, c->out.p + c->ooff, c->out.n - c->ooff);
    if (k < 0) { if (errno == EAGAIN) { want_out(c, 1); return; } fail("ack_write_%s", strerror(errno)); c->dead = 1; return; }
    c->ooff += k;
  }
  c->ooff = c->out.n = 0; want_out(c, 0);
}
static void ack(conn *c, uint64_t tag, int multi) {
  size_t a = mbegin(&c->out, 1, 60, 80); w64(&c->out, tag); w8(&c->out, multi); fend(&c->out, a);
}
static void delivered(conn *c) {
  del++;
  if (ackk && ++c->unacked >= (unsigned)ackk) { ack(c, c->tag, ackk > 1); c->unacked = 0; }
}
static void frames(conn *c, uint64_t now) {
  uint8_t *p = c->rb + c->rpos, *e = c->rb + c->rlen;
  while (e - p >= 8) {
    uint32_t k = r32(p + 3); if ((size_t)(e - p) < k + 8) break;
    uint8_t *q = p + 7; int t = p[0];
    if (p[k + 7] != 0xCE) { fail("bad_frame_end"); c->dead = 1; return; }
    if (t == 1) {
      int cm = r16(q) * 1000 + r16(q + 2);
      switch (cm) {
      case 60060: { uint8_t *z = q + 5 + q[4]; c->tag = r64(z); c->redel = z[8]; c->first = 1; if (c->redel) redelivered++; break; }
      case 60080: case 60120: {
        uint64_t s = r64(q + 4); if (cm == 60120) nacks++;
        if (s > c->seq) { fail("confirm_of_unknown_tag"); break; }
        if (q[12] & 1) { for (uint64_t i = c->low + 1; i <= s; i++) conf_one(c, i, now); } else conf_one(c, s, now);
        while (c->low < c->seq && c->done[(c->low + 1) & (RING - 1)]) { c->low++; }
        t_lastcfm = now; break; }
      case 60050: returned++; break;
      case 10060: blocked_ev++; break;
      case 10050: case 20040: closed_by_peer(c, q, cm / 1000); return;
      case 60030: fail("consumer_cancelled"); break;
      default: break;
      }
    } else if (t == 2) {
      c->body_left = r64(q + 4); if (!c->body_left && c->role == 2) delivered(c);
    } else if (t == 3 && c->role == 2) {
      if (c->first && k >= 24) {
        uint64_t ts, s; uint32_t id; memcpy(&ts, q, 8); memcpy(&id, q + 8, 4); memcpy(&s, q + 16, 8); c->first = 0;
        if (npub) { hadd(&lat, now > ts ? now - ts : 0);
          if (fan == 1 && !c->redel && id < (uint32_t)npub) { if (s <= c->last[id]) ooo++; c->last[id] = s; } }
      }
      c->body_left -= k;
      if (!c->body_left) { delivered(c); t_lastdel = now; }
    }
    p += k + 8;
  }
  c->rpos = p - c->rb;
  if (c->rpos == c->rlen) c->rpos = c->rlen = 0;
  else if (c->rpos > RBUF / 2) { memmove(c->rb, p, e - p); c->rlen = e - p; c->rpos = 0; }
}
static void on_read(conn *c) {
  if (RBUF - c->rlen < 4096) { memmove(c->rb, c->rb + c->rpos, c->rlen - c->rpos); c->rlen -= c->rpos; c->rpos = 0; }
  ssize_t k = read(c->fd, c->rb + c->rlen, RBUF - c->rlen);
  if (k == 0) { fail("eof"); c->dead = 1; }
  else if (k < 0) { if (errno != EAGAIN) { fail("read_%s", strerror(errno)); c->dead = 1; } return; }
  else { c->rlen += k; frames(c, now_ns()); }
  if (c->dead) { epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, 0); return; }
  if (c->out.n) flush_out(c);
}

static conn **idlec;
static void *idle_main(void *v) { for (long i = (long)v; i < idle; i += idle_threads) { idlec[i] = dial(0, i); free(idlec[i]->rb); idlec[i]->rb = malloc(1024); } return 0; }

static void parse_addr(int w, const char *s) {
  char t[4096]; snprintf(t, sizeof t, "%s", s);
  for (char *x = strtok(t, ","); x; x = strtok(0, ",")) {
    char *col = strrchr(x, ':'); int i = naddr[w]++; if (i >= MAXADDR) die("too many addresses");
    if (col) { *col = 0; snprintf(addr[w][i].host, 128, "%s", *x ? x : "127.0.0.1"); snprintf(addr[w][i].port, 16, "%s", col + 1); }
    else { snprintf(addr[w][i].host, 128, "127.0.0.1"); snprintf(addr[w][i].port, 16, "%s", x); }
  }
}
static void usage(void) {
  puts("amqpload -A host:port[,..] [-B consumers] [-D declare] [options]\n"
       " -q N queues  -Q prefix (names prefix.i)  -d durable  -a k=v|k=#n queue argument  -e name[:type] exchange\n"
       " -P publishers -C consumers (connections; 0 = none)  -s body bytes (>=24)  -p persistent  -M mandatory\n"
       " -w W confirms, window W   -k K ack multiple every K (0 autoack)  -f prefetch\n"
       " -t seconds | -n total messages   -U warm-up seconds   -r total msg/s   -g grace seconds\n"
       " -b bytes per write  -F frame_max  -S SO_SNDBUF   -K keep queues (no delete before/after)  -N no declare\n"
       " -I N: only open N idle connections with a channel (-T threads), hold -t seconds\n"
       " -u user -W password -v vhost -L label");
  exit(1);
}
int main(int ac, char **av) {
  int o;
  while ((o = getopt(ac, av, "A:B:D:q:Q:da:e:P:C:s:pMw:k:f:t:n:U:r:g:b:F:S:KNI:T:u:W:v:L:h")) > 0) switch (o) {
    case 'A': parse_addr(0, optarg); break; case 'B': parse_addr(1, optarg); break; case 'D': parse_addr(2, optarg); break;
    case 'q': nq = atoi(optarg); break; case 'Q': prefix = optarg; break; case 'd': durable = 1; break;
    case 'a': if (nqargs < 16) qargs[nqargs++] = optarg; break;
    case 'e': sscanf(optarg, "%127[^:]:%31s", exname, extype); break;
    case 'P': npub = atoi(optarg); break; case 'C': ncon = atoi(optarg); break;
    case 's': size = atoi(optarg); break; case 'p': persistent = 1; break; case 'M': mandatory = 1; break;
    case 'w': window = atoi(optarg); break; case 'k': ackk = atoi(optarg); break; case 'f': prefetch = atoi(optarg); break;
    case 't': duration = atof(optarg); break; case 'n': count = strtoull(optarg, 0, 10); break;
    case 'U': warm = atof(optarg); break; case 'r': rate = atof(optarg); break; case 'g': grace = atof(optarg); break;
    case 'b': batch_bytes = atoi(optarg); break; case 'F': fmax_want = atoi(optarg); break; case 'S': sndbuf = atoi(optarg); break;
    case 'K': keep = 1; break; case 'N': nodecl = 1; break; case 'I': idle = atoi(optarg); break; case 'T': idle_threads = atoi(optarg); break;
    case 'u': user = optarg; break; case 'W': pass = optarg; break; case 'v': vhost = optarg; break; case 'L': label = optarg; break;
    default: usage();
  }
  if (!naddr[0]) usage();
  for (int i = 1; i < 3; i++) if (!naddr[i]) { memcpy(addr[i], addr[i == 2 ? 1 : 0], sizeof addr[0]); naddr[i] = naddr[i == 2 ? 1 : 0]; }
  if (size < 24) size = 24;
  if (prefetch && ackk > prefetch) die("-k must not exceed -f");
  if (!strcmp(extype, "fanout")) fan = nq;
  struct rlimit rl = {65536, 65536}; setrlimit(RLIMIT_NOFILE, &rl);

  if (idle) {
    idlec = calloc(idle, sizeof *idlec); pthread_t th[256]; uint64_t t = now_ns();
    if (idle_threads > 256) idle_threads = 256;
    for (long i = 0; i < idle_threads; i++) pthread_create(&th[i], 0, idle_main, (void *)i);
    for (int i = 0; i < idle_threads; i++) pthread_join(th[i], 0);
    double s = (now_ns() - t) / 1e9;
    printf("label=%s idle=%d open_s=%.3f conn_s=%.0f ms_per_conn=%.3f\n", label, idle, s, idle / s, s * 1e3 / idle); fflush(stdout);
    usleep(duration * 1e6); return 0;
  }
  if (!nodecl) declare_all();
  int n = npub + ncon; conn **cs = calloc(n, sizeof *cs); ep = epoll_create1(0);
  uint64_t t_conn = now_ns();
  for (int i = 0; i < ncon; i++) { cs[npub + i] = dial(1, i); cs[npub + i]->id = i; cs[npub + i]->role = 2; }
  for (int i = 0; i < npub; i++) { cs[i] = dial(0, i); cs[i]->id = i; cs[i]->role = 1; mk_pub(cs[i]); if (count) cs[i]->quota = count / npub + ((uint64_t)i < count % npub); }
  t_start = now_ns(); double conn_s = (t_start - t_conn) / 1e9;
  for (int i = 0; i < ncon; i++) mk_con(cs[npub + i]);
  for (int i = 0; i < n; i++) {
    fcntl(cs[i]->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = cs[i]}; epoll_ctl(ep, EPOLL_CTL_ADD, cs[i]->fd, &e);
  }
  if (npub) t_start = now_ns();
  for (int i = 0; i < npub; i++) if (rate > 0) { cs[i]->prate = rate / npub; cs[i]->t0 = t_start + (uint64_t)(1e9 / rate * i); }
  for (int i = npub; i < n; i++) { frames(cs[i], now_ns()); if (cs[i]->out.n) flush_out(cs[i]); }
  int tfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK); struct epoll_event te = {.events = EPOLLIN, .data.ptr = NULL}; epoll_ctl(ep, EPOLL_CTL_ADD, tfd, &te);
  if (!npub) publishing = 0;
  int warming = warm > 0; t_win = t_start; uint64_t t_end = t_start + (uint64_t)((warm + duration) * 1e9), last_prog = t_start, prog = 0;
  uint64_t epub = 0, ecfm = 0, edel = 0; double win_s = 0; int snap = 0; uint64_t maxback = 0;
  struct epoll_event ev[256];
  for (;;) {
    uint64_t now = now_ns();
    if (warming && now >= t_start + (uint64_t)(warm * 1e9)) { warming = 0; t_win = now; wpub = pub; wcfm = cfm; wdel = del; memset(&lat, 0, sizeof lat); memset(&clat, 0, sizeof clat); }
    if (publishing && (count ? pub >= count : now >= t_end)) { publishing = 0; t_pubend = now; epub = pub; ecfm = cfm; edel = del; win_s = (now - t_win) / 1e9; snap = 1; }
    uint64_t next = 100000000;
    for (int i = 0; i < npub; i++) if (!cs[i]->dead && !cs[i]->epout) { uint64_t w = pump(cs[i], now); if (w < next) next = w; }
    uint64_t want = pub * fan; if (npub && ncon && want > del && want - del > maxback) maxback = want - del;
    if (pub + cfm + del != prog) { prog = pub + cfm + del; last_prog = now; }
    else if (publishing && now - last_prog > 10000000000ull) { fail("stalled_10_s"); publishing = 0; t_pubend = now; epub = pub; ecfm = cfm; edel = del; win_s = (now - t_win) / 1e9; break; }
    if (!publishing) {
      int pend = 0; for (int i = 0; i < npub; i++) if (!cs[i]->dead && cs[i]->woff < cs[i]->wend) pend = 1;
      if (!pend && (!window || cfm >= pub) && (!ncon || (npub ? del >= want : count && del >= count))) break;
      if (now - last_prog > (uint64_t)(grace * 1e9)) break;
      if (next > 10000000) next = 10000000;
    }
    int alive = 0; for (int i = 0; i < n; i++) alive += !cs[i]->dead; if (alive < n) { if (!snap) { epub = pub; ecfm = cfm; edel = del; win_s = (now - t_win) / 1e9; t_pubend = now; } break; }
    struct itimerspec its = {{0, 0}, {next / 1000000000, next % 1000000000}}; 
    if (next) { if (rate > 0) timerfd_settime(tfd, 0, &its, 0); }
    int k = epoll_wait(ep, ev, 256, next == 0 ? 0 : rate > 0 ? -1 : (int)(next / 1000000) + 1);
    now = now_ns();
    for (int i = 0; i < k; i++) {
      conn *c = ev[i].data.ptr;
      if (!c) { uint64_t x; if (read(tfd, &x, 8) < 0) {} continue; }
      if (c->dead) continue;
      if (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_read(c);
      if (!c->dead && (ev[i].events & EPOLLOUT)) { if (c->role == 1) pump(c, now); else flush_out(c); }
    }
  }
  /* rates: duration mode = inside the window; count mode = until the last confirm / delivery */
  double ps, fs, ds;
  if (count || !npub) {
    ps = npub ? pub / ((t_pubend - t_start) / 1e9) : 0; fs = cfm ? cfm / ((t_lastcfm - t_start) / 1e9) : 0; ds = del ? del / ((t_lastdel - t_start) / 1e9) : 0;
  } else { ps = (epub - wpub) / win_s; fs = (ecfm - wcfm) / win_s; ds = (edel - wdel) / win_s; }
  int64_t lost = npub && ncon ? (int64_t)(pub * fan) - (int64_t)del : 0;
  printf("label=%s pub_s=%.0f conf_s=%.0f del_s=%.0f pub=%lu conf=%lu del=%lu lat_p50=%.0f lat_p95=%.0f lat_p99=%.0f lat_max=%.0f "
         "clat_p50=%.0f clat_p95=%.0f clat_p99=%.0f clat_max=%.0f maxbacklog=%lu lost=%ld redel=%lu ooo=%lu nacks=%lu returned=%lu blocked=%lu conn_ms=%.1f err=%lu lasterr=%s\n",
         label, ps, fs, ds, pub, cfm, del, hpct(&lat, .5), hpct(&lat, .95), hpct(&lat, .99), lat.max / 1e3, hpct(&clat, .5), hpct(&clat, .95), hpct(&clat, .99), clat.max / 1e3,
         maxback, lost, redelivered, ooo, nacks, returned, blocked_ev, conn_s * 1e3, nerr, lasterr);
  fflush(stdout);
  for (int i = 0; i < n; i++) hangup(cs[i]);
  if (!keep && !nodecl && !nerr) delete_all();
  return nerr || lost || ooo ? 1 : 0;
}
