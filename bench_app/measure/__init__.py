"""What is measured and counted: samples -> histogram, messages -> sequence and book, both -> **ledger** -> plot."""
