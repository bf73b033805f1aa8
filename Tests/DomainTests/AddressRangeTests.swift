import Domain
import Testing

@Suite("Addresses")
struct AddressRangeTests {
    @Test(
        "a range contains what begins with its bits",
        arguments: [
            ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.9/24", "192.0.2.1", true),
            ("192.0.2.0/24", "192.0.3.0", false), ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("10.0.0.0/7", "11.255.255.255", true), ("10.0.0.0/7", "12.0.0.0", false), ("0.0.0.0/0", "8.8.8.8", true),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "192.0.2.1", false),
            ("192.0.2.0/24", "::ffff:192.0.2.1", true),
        ]
    )
    func contains(range: String, address: String, expected: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(#require(IPAddress(address))) == expected)
    }

    @Test(
        "other texts are no addresses",
        arguments: [
            "", "/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+8", "192.0.2.0/", "192.0.2", "::/129", "example.org",
            "192.0.2.1\0.evil", "fe80::1%eth0", "0x7f.1", "192.0.2.0/8/8",
        ]
    )
    func invalid(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test("a range is written with its first address, a single address alone")
    func text() throws {
        #expect(try #require(AddressRange("192.0.2.9/24")).description == "192.0.2.0/24")
        #expect(try #require(AddressRange("2001:DB8:0::1/128")).description == "2001:db8::1")
    }
}
