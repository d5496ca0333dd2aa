// A consumer in C++ with libzmq's own interface: SUB, PULL or REP. Prints each body it receives, one a line.
// g++ -std=c++17 consumer.cpp -lzmq -o consumer     (Debian: apt install g++ libzmq3-dev)
// ./consumer SUB tcp://HOST:5555 analytics
// ./consumer PULL tcp://*:5556
// ./consumer REP tcp://*:5557
#include <zmq.h>

#include <cstdio>
#include <cstdlib>
#include <string>

static void check(bool good, const char* what) {
    if (good) return;
    std::fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    std::exit(1);
}

// One message: the last frame. A PUB sends two frames, topic and body; PUSH and REQ send the body alone.
static std::string receive(void* socket) {
    std::string body;
    int more = 1;
    while (more) {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        check(zmq_msg_recv(&frame, socket, 0) >= 0, "recv");
        body.assign(static_cast<char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
        more = zmq_msg_more(&frame);
        zmq_msg_close(&frame);
    }
    return body;
}

int main(int argc, char** argv) {
    if (argc < 3) return std::fprintf(stderr, "usage: consumer SUB|PULL|REP ENDPOINT [TOPIC]\n"), 2;
    const std::string kind = argv[1], endpoint = argv[2], topic = argc > 3 ? argv[3] : "";
    void* context = zmq_ctx_new();
    void* socket = zmq_socket(context, kind == "SUB" ? ZMQ_SUB : kind == "PULL" ? ZMQ_PULL : ZMQ_REP);
    // Options come before bind or connect: set later, the high-water mark has no effect on this connection.
    const int high_water_mark = 1000;
    zmq_setsockopt(socket, ZMQ_RCVHWM, &high_water_mark, sizeof high_water_mark);
    if (kind == "SUB") {
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic.data(), topic.size());
        check(zmq_connect(socket, endpoint.c_str()) == 0, endpoint.c_str());
    } else {
        check(zmq_bind(socket, endpoint.c_str()) == 0, endpoint.c_str());
    }
    for (;;) {
        const std::string body = receive(socket);
        std::puts(body.c_str());
        std::fflush(stdout);
        if (kind == "REP") {
            const std::string reply = R"({"ok": true})";
            check(zmq_send(socket, reply.data(), reply.size(), 0) >= 0, "send");
        }
    }
}
