// Receipts in Java (JeroMQ): tells the bench what this consumer received. Here for a SUB.
// javac -cp jeromq.jar Receipts.java
// java -cp jeromq.jar:. Receipts tcp://127.0.0.1:5572 analytics tcp://127.0.0.1:5599
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.zeromq.ZMQ;

public class Receipts {
    private static final Pattern STAMP = Pattern.compile("1-[0-9a-f]{8}-[0-9a-f]{4}(-[0-9a-f]{16}){3}");
    private static final long FLUSH_NS = 50_000_000;

    private final ZMQ.Socket socket;
    private final String head;
    private final StringBuilder lines = new StringBuilder();
    private long flushed = System.nanoTime();

    public Receipts(ZMQ.Context context, String address) throws IOException {
        socket = context.socket(ZMQ.PUSH);
        socket.setLinger(2000);
        socket.connect(address);
        head = "zmq-bench-receipts/1 " + clockName() + " java-" + UUID.randomUUID() + " 0";
    }

    /** Call this as soon as the message has arrived. Returns false if it has no stamp of the bench. */
    public boolean seen(byte[] body) {
        long now = System.nanoTime();
        Matcher stamp = STAMP.matcher(new String(body, StandardCharsets.ISO_8859_1));
        if (!stamp.find()) {
            return false;
        }
        lines.append(lines.length() == 0 ? "" : "\n").append(stamp.group());
        lines.append(' ').append(now).append(' ').append(body.length);
        return true;
    }

    /** Call this after each message, and when none has come for a while: it sends what has waited for 50 ms. */
    public void flush(boolean now) {
        if (lines.length() == 0 || !now && System.nanoTime() - flushed < FLUSH_NS) {
            return;
        }
        socket.send(head.getBytes(StandardCharsets.ISO_8859_1), ZMQ.SNDMORE);
        socket.send(lines.toString().getBytes(StandardCharsets.ISO_8859_1), 0);
        lines.setLength(0);
        flushed = System.nanoTime();
    }

    public void close() {
        flush(true);
        socket.close();
    }

    private static String clockName() throws IOException {
        try {
            return new String(Files.readAllBytes(Paths.get("/proc/sys/kernel/random/boot_id"))).trim();
        } catch (IOException error) {
            return InetAddress.getLocalHost().getHostName();
        }
    }

    public static void main(String[] arguments) throws Exception {
        ZMQ.Context context = ZMQ.context(1);
        ZMQ.Socket subscriber = context.socket(ZMQ.SUB);
        subscriber.setHWM(100_000);
        subscriber.setReceiveTimeOut(20);
        subscriber.subscribe(arguments[1].getBytes(StandardCharsets.UTF_8));
        subscriber.connect(arguments[0]);
        Receipts receipts = new Receipts(context, arguments[2]);
        Thread consumer = Thread.currentThread();
        // Ctrl+C and SIGTERM: the last receipts are sent before the program ends.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.interrupt();
            try {
                consumer.join(3000);
            } catch (InterruptedException error) {
                // The program ends all the same.
            }
        }));
        while (!Thread.interrupted()) {
            byte[] body = subscriber.recv(0);
            while (body != null && subscriber.hasReceiveMore()) {
                body = subscriber.recv(0);
            }
            if (body != null) {
                receipts.seen(body);
            }
            receipts.flush(false);
        }
        receipts.close();
        subscriber.close();
        context.term();
    }
}
