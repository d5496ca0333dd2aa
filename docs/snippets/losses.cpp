// Counts what arrived, from the stamps of the bench. Reads the bodies that a consumer received, one a line.
// g++ -std=c++17 -O2 losses.cpp -o losses; consumer | ./losses
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

// What the bench wrote into an event; the times are ns of the sender's monotonic clock (std::chrono::steady_clock).
struct Stamp {
    std::string run, handler;
    std::uint64_t number, due_ns, sent_ns;
};

// The stamp of a body: the key, then "1-RRRRRRRR-HHHH-", then three numbers of 16 hexadecimal digits.
std::optional<Stamp> decode(std::string_view body) {
    constexpr std::string_view key = "\"_bench\":\"1-";
    constexpr std::size_t length = 8 + 1 + 4 + 3 * (1 + 16);
    const std::size_t found = body.find(key);
    if (found == std::string_view::npos || body.size() < found + key.size() + length) return std::nullopt;
    const std::string text(body.substr(found + key.size(), length));
    if (text.find_first_not_of("0123456789abcdef-") != std::string::npos) return std::nullopt;
    const auto number = [&](std::size_t at) { return std::stoull(text.substr(at, 16), nullptr, 16); };
    return Stamp{text.substr(0, 8), text.substr(9, 4), number(14), number(31), number(48)};
}

// The sequence numbers of one handler, as they arrived.
struct Numbers {
    std::uint64_t received = 0, duplicates = 0, first = 0, last = 0;
    std::set<std::uint64_t> missing;  // between the first and the last one

    void add(std::uint64_t number) {
        if (received == 0) {
            first = last = number;
        } else if (number > last) {
            while (++last < number) missing.insert(last);
        } else if (number < first) {
            while (--first > number) missing.insert(first);
        } else if (missing.erase(number) == 0) {
            ++duplicates;
            return;
        }
        ++received;
    }
};

int main() {
    std::map<std::pair<std::string, std::string>, Numbers> handlers;
    std::uint64_t without = 0;
    for (std::string line; std::getline(std::cin, line);) {
        if (const auto stamp = decode(line))
            handlers[{stamp->run, stamp->handler}].add(stamp->number);
        else
            ++without;
    }
    for (const auto& [name, seen] : handlers)
        std::cout << "run " << name.first << " handler " << name.second << ": received " << seen.received << ", first "
                  << seen.first << ", last " << seen.last << ", missing " << seen.missing.size() << ", duplicates "
                  << seen.duplicates << "\n";
    std::cout << "without a stamp: " << without << "\n";
}
