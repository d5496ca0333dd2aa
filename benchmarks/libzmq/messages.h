/* Messages of both sides. A message of PUB has a frame with the topic in front of its body.

   A body shorter than MARK bytes is no event: HELLO makes sure that the connection is there, END ends the receiver. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include "library.h"
#include "options.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { HELLO = 0, END = 1 };

/* Send one frame. Returns false if the socket would block and the flags ask not to wait. */
static inline bool send_frame(void *socket, const void *data, size_t size, int flags)
{
    zmq_msg_t message;
    zmq.msg_init_size(&message, size);
    memcpy(zmq.msg_data(&message), data, size);
    if (zmq.msg_send(&message, socket, flags) >= 0)
        return true;
    if (zmq.error() != EAGAIN)
        fail("send");
    zmq.msg_close(&message);
    return false;
}

static inline bool send_message(void *socket, const void *body, size_t size, int flags)
{
    if (options.pattern == PUB_SUB && !send_frame(socket, options.topic, strlen(options.topic), flags | ZMQ_SNDMORE))
        return false;
    return send_frame(socket, body, size, flags);
}

/* Receive the body of the next message into `message`. Returns its size. */
static inline size_t receive_message(void *socket, zmq_msg_t *message)
{
    if (options.pattern == PUB_SUB && zmq.msg_recv(message, socket, 0) < 0)
        fail("receive");
    if (zmq.msg_recv(message, socket, 0) < 0)
        fail("receive");
    return zmq.msg_size(message);
}

#endif
